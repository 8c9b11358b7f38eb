import CVulkan

/// A range of device memory with an address that kernels can follow.
///
/// Slices share their buffer; the buffer frees its memory when the last one is gone.
public final class Buffer {
    let device: Device
    let handle: VkBuffer
    private let memory: VkDeviceMemory
    private let mapped: UnsafeMutableRawPointer?

    public let label: String
    public let byteCount: Int
    /// The buffer's first byte, as kernels see it.
    public let address: UInt64

    /// Allocates a buffer of its own memory.
    /// - Throws: `outOfMemory` naming the buffer.
    public init(
        _ device: Device,
        byteCount: Int,
        use: MemoryUse,
        label: String
    ) throws(VulkanError) {
        precondition(byteCount > 0, "\(label): a buffer of \(byteCount) bytes")
        self.device = device
        self.label = label
        // Room for a kernel that reads whole vectors at the end of its data.
        self.byteCount = (byteCount + 63) & ~63
        let api = device.api
        let buffer = try Self.create(device, byteCount: self.byteCount)
        var requirements = VkMemoryRequirements()
        api.GetBufferMemoryRequirements(device.handle, buffer, &requirements)
        guard
            let type = device.memoryType(for: use, allowed: requirements.memoryTypeBits),
            let memory = Self.allocate(device, requirements.size, type)
        else {
            api.DestroyBuffer(device.handle, buffer, nil)
            throw .outOfMemory(label: label, byteCount: byteCount)
        }
        try check(
            api.BindBufferMemory(device.handle, buffer, memory, 0),
            "vkBindBufferMemory"
        )
        handle = buffer
        self.memory = memory
        var info = VkBufferDeviceAddressInfo()
        info.sType = VK_STRUCTURE_TYPE_BUFFER_DEVICE_ADDRESS_INFO
        info.buffer = buffer
        address = api.GetBufferDeviceAddress(device.handle, &info)
        var pointer: UnsafeMutableRawPointer?
        if type.has(VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT) {
            try check(
                api.MapMemory(device.handle, memory, 0, requirements.size, 0, &pointer),
                "vkMapMemory"
            )
        }
        mapped = pointer
        device.allocatedByteCount += self.byteCount
        device.setName(label, of: buffer)
    }

    deinit {
        device.api.DestroyBuffer(device.handle, handle, nil)
        device.api.FreeMemory(device.handle, memory, nil)
        device.allocatedByteCount -= byteCount
    }

    /// Whether the host can read and write the buffer directly.
    public var isMapped: Bool { mapped != nil }

    /// The whole buffer as a slice.
    public var whole: BufferSlice { BufferSlice(buffer: self, offset: 0, byteCount: byteCount) }

    /// The bytes from `offset` on; the host's view of a mapped buffer.
    func pointer(at offset: Int) -> UnsafeMutableRawPointer {
        guard let mapped else {
            preconditionFailure("\(label) is not mapped: stage the copy")
        }
        return mapped + offset
    }

    private static func create(_ device: Device, byteCount: Int) throws(VulkanError) -> VkBuffer {
        var info = VkBufferCreateInfo()
        info.sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO
        info.size = VkDeviceSize(byteCount)
        info.usage =
            VK_BUFFER_USAGE_STORAGE_BUFFER_BIT.rawValue
            | VK_BUFFER_USAGE_SHADER_DEVICE_ADDRESS_BIT.rawValue
            | VK_BUFFER_USAGE_TRANSFER_SRC_BIT.rawValue
            | VK_BUFFER_USAGE_TRANSFER_DST_BIT.rawValue
        // For buffers, belonging to two families at once costs nothing.
        let families = [device.queue.family] + (device.transferQueue.map { [$0.family] } ?? [])
        info.sharingMode =
            families.count > 1 ? VK_SHARING_MODE_CONCURRENT : VK_SHARING_MODE_EXCLUSIVE
        var buffer: VkBuffer?
        let result = families.withUnsafeBufferPointer { families in
            info.queueFamilyIndexCount = UInt32(families.count)
            info.pQueueFamilyIndices = families.baseAddress
            return device.api.CreateBuffer(device.handle, &info, nil, &buffer)
        }
        try check(result, "vkCreateBuffer")
        guard let buffer else { throw .callFailed(call: "vkCreateBuffer", result: 0) }
        return buffer
    }

    private static func allocate(
        _ device: Device,
        _ size: VkDeviceSize,
        _ type: MemoryType
    ) -> VkDeviceMemory? {
        var flags = VkMemoryAllocateFlagsInfo()
        flags.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_FLAGS_INFO
        flags.flags = VK_MEMORY_ALLOCATE_DEVICE_ADDRESS_BIT.rawValue
        var memory: VkDeviceMemory?
        let result = withUnsafePointer(to: flags) { flags in
            var info = VkMemoryAllocateInfo()
            info.sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO
            info.pNext = UnsafeRawPointer(flags)
            info.allocationSize = size
            info.memoryTypeIndex = type.index
            return device.api.AllocateMemory(device.handle, &info, nil, &memory)
        }
        return result == VK_SUCCESS ? memory : nil
    }
}

extension Device {
    func setName(_ name: String, of buffer: VkBuffer) {
        guard let setObjectName = api.SetDebugUtilsObjectNameEXT else { return }
        name.withCString { text in
            var info = VkDebugUtilsObjectNameInfoEXT()
            info.sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT
            info.objectType = VK_OBJECT_TYPE_BUFFER
            info.objectHandle = UInt64(UInt(bitPattern: buffer))
            info.pObjectName = text
            _ = setObjectName(handle, &info)
        }
    }
}
