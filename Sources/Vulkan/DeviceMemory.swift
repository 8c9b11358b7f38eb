import CVulkan

/// Where a buffer lives and who touches it.
public enum MemoryUse: Sendable {
    /// Weights, activations, the KV cache: the device's fastest memory. Mapped only where all
    /// memory is one (integrated GPUs, CPU drivers).
    case device
    /// Written by the host every step, read by the device.
    case upload
    /// Written by the device, read by the host.
    case readback
}

/// One kind of memory a device offers.
struct MemoryType {
    let index: UInt32
    let flags: UInt32
    let heapByteCount: Int

    func has(_ bits: VkMemoryPropertyFlagBits...) -> Bool {
        bits.allSatisfy { flags & $0.rawValue != 0 }
    }

    static func all(_ physical: PhysicalDevice) -> [MemoryType] {
        var properties = VkPhysicalDeviceMemoryProperties2()
        properties.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2
        physical.instance.api.GetPhysicalDeviceMemoryProperties2(physical.handle, &properties)
        let memory = properties.memoryProperties
        let types = withUnsafeBytes(of: memory.memoryTypes) {
            Array($0.bindMemory(to: VkMemoryType.self).prefix(Int(memory.memoryTypeCount)))
        }
        let heaps = withUnsafeBytes(of: memory.memoryHeaps) {
            Array($0.bindMemory(to: VkMemoryHeap.self).prefix(Int(memory.memoryHeapCount)))
        }
        return types.enumerated().map { index, type in
            MemoryType(
                index: UInt32(index),
                flags: type.propertyFlags,
                heapByteCount: Int(clamping: heaps[Int(type.heapIndex)].size)
            )
        }
    }
}

extension Device {
    /// The best memory type for `use` among those `allowed` (a bit mask of type indices).
    func memoryType(for use: MemoryUse, allowed: UInt32) -> MemoryType? {
        let local = VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT
        let visible = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT
        let coherent = VK_MEMORY_PROPERTY_HOST_COHERENT_BIT
        let cached = VK_MEMORY_PROPERTY_HOST_CACHED_BIT
        let candidates = memoryTypes.filter { allowed & (1 << $0.index) != 0 }
        let isUnified = properties.kind == .integrated || properties.isCPU
        func first(_ fits: (MemoryType) -> Bool) -> MemoryType? { candidates.first(where: fits) }
        switch use {
        case .device where isUnified:
            return first { $0.has(local, visible, coherent) } ?? first { $0.has(local) }
                ?? candidates.first
        case .device:
            // On discrete cards, memory the host can see may be a slow or a small window.
            return first { $0.has(local) && !$0.has(visible) } ?? first { $0.has(local) }
                ?? candidates.first
        case .upload:
            return first { $0.has(local, visible, coherent) } ?? first { $0.has(visible, coherent) }
        case .readback:
            return first { $0.has(visible, coherent, cached) }
                ?? first { $0.has(visible, coherent) }
        }
    }
}

/// How much memory a device has for us.
public struct MemoryBudget: Sendable {
    /// Bytes of the largest device-local heap.
    public let totalByteCount: Int
    /// Bytes the driver lets this process use there now; the total where it does not say.
    public let availableByteCount: Int

    public init(_ physical: PhysicalDevice) {
        let largest = physical.memoryHeaps.filter(\.isDeviceLocal)
            .max { $0.byteCount < $1.byteCount }
        totalByteCount = largest?.byteCount ?? 0
        availableByteCount = largest.map { $0.availableByteCount ?? $0.byteCount } ?? 0
    }
}
