import CVulkan

/// An opened device with one compute queue: makes buffers and pipelines and runs recordings.
///
/// Not `Sendable`: one thread owns it and everything made from it.
public final class Device {
    let instance: Instance
    private let physical: VkPhysicalDevice
    let api: PumiceDeviceFunctions
    let handle: VkDevice
    let queue: Queue
    /// One that copies beside the kernels, where the device has a family of its own for that.
    let transferQueue: Queue?
    let memoryTypes: [MemoryType]
    let pipelineLayout: VkPipelineLayout
    let hasDebugLabels: Bool

    public let properties: DeviceProperties
    /// Threads of a CPU driver that have a core each of their own, where that is allowed
    /// (`CoreAllowance`).
    public let boundThreadCount: Int
    /// Compiled pipelines, kept between runs of the program.
    public let pipelineCache: PipelineCache
    /// Bytes in buffers that are alive.
    public internal(set) var allocatedByteCount = 0
    /// Bytes of the device's largest local heap, and what the driver says is still free there.
    public let memoryBudget: MemoryBudget

    /// Opens a device.
    /// - Parameter pipelineCacheFile: where compiled pipelines are kept; nil keeps none.
    /// - Throws: `missingFeature` if the device lacks what Pumice needs.
    public init(
        _ physical: PhysicalDevice,
        pipelineCacheFile: String? = nil
    ) throws(VulkanError) {
        guard physical.missingFeature == nil, let family = physical.queueFamily else {
            throw .missingFeature(
                device: physical.properties.name,
                feature: physical.missingFeature ?? "a compute queue"
            )
        }
        instance = physical.instance
        self.physical = physical.handle
        properties = physical.properties
        hasDebugLabels = physical.instance.hasDebugLabels
        let families = [family] + (physical.transferFamily.map { [$0] } ?? [])
        let bindableCount =
            properties.isCPU ? CoreAllowance.ofThisProcess().bindableThreadCount : 0
        let (created, workers) = try DriverWorkers.started(count: bindableCount) {
            () throws(VulkanError) in
            try Self.create(physical, families)
        }
        boundThreadCount = workers.bind()
        var functions = unsafeZeroed(PumiceDeviceFunctions.self)
        var instanceFunctions = physical.instance.api
        if let missing = pumice_load_device(&functions, &instanceFunctions, created) {
            throw .missingFeature(
                device: physical.properties.name,
                feature: String(cString: missing)
            )
        }
        handle = created
        api = functions
        queue = try Queue(functions, created, family: family, isTransfer: false)
        var transferQueue: Queue?
        if let family = physical.transferFamily {
            transferQueue = try Queue(functions, created, family: family, isTransfer: true)
        }
        self.transferQueue = transferQueue
        memoryTypes = MemoryType.all(physical)
        memoryBudget = MemoryBudget(physical)
        pipelineLayout = try Self.createPipelineLayout(functions, created)
        pipelineCache = try PipelineCache(
            functions,
            created,
            file: pipelineCacheFile
        )
    }

    deinit {
        _ = api.DeviceWaitIdle(handle)
        pipelineCache.destroy(api, handle)
        api.DestroyPipelineLayout(handle, pipelineLayout, nil)
        api.DestroyDevice(handle, nil)
    }

    /// Errors the validation layer has reported; zero without it.
    public var validationErrorCount: Int { instance.validationErrorCount }

    /// Whether another opened device is the same hardware: they share its memory.
    public func sharesHardware(with other: Device) -> Bool { physical == other.physical }

    /// Waits until nothing runs.
    public func waitIdle() throws(VulkanError) {
        try check(api.DeviceWaitIdle(handle), "vkDeviceWaitIdle")
    }

    private static func create(_ physical: PhysicalDevice, _ families: [UInt32]) throws(VulkanError)
        -> VkDevice
    {
        let offered = physical.properties.extensions
        let features = DeviceFeatures(offered)
        features.enable(physical.properties.features)
        // From Vulkan 1.3 on some are core; a device of 1.2 has them by name.
        let names =
            (DeviceFeatures.requiredExtensions.map(\.name)
            + DeviceFeatures.optionalExtensions).filter { offered.contains($0) }
        let strings = CStrings(names)
        defer { strings.free() }
        var device: VkDevice?
        let result = withUnsafePointer(to: Float(1)) { priority in
            let queueInfos = families.map { family in
                var queueInfo = VkDeviceQueueCreateInfo()
                queueInfo.sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO
                queueInfo.queueFamilyIndex = family
                queueInfo.queueCount = 1
                queueInfo.pQueuePriorities = priority
                return queueInfo
            }
            return queueInfos.withUnsafeBufferPointer { queueInfos in
                strings.pointers.withUnsafeBufferPointer { names in
                    var info = VkDeviceCreateInfo()
                    info.sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO
                    info.pNext = UnsafeRawPointer(features.chain.first)
                    info.queueCreateInfoCount = UInt32(queueInfos.count)
                    info.pQueueCreateInfos = queueInfos.baseAddress
                    info.enabledExtensionCount = UInt32(names.count)
                    info.ppEnabledExtensionNames = names.baseAddress
                    return physical.instance.api.CreateDevice(physical.handle, &info, nil, &device)
                }
            }
        }
        try check(result, "vkCreateDevice")
        guard let device else { throw .callFailed(call: "vkCreateDevice", result: 0) }
        return device
    }

    /// One layout for every kernel: push constants and nothing else; buffers travel as addresses.
    private static func createPipelineLayout(
        _ api: PumiceDeviceFunctions,
        _ device: VkDevice
    ) throws(VulkanError) -> VkPipelineLayout {
        var range = VkPushConstantRange()
        range.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT.rawValue
        range.size = UInt32(Recording.maxParameterByteCount)
        var layout: VkPipelineLayout?
        let result = withUnsafePointer(to: range) { range in
            var info = VkPipelineLayoutCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO
            info.pushConstantRangeCount = 1
            info.pPushConstantRanges = range
            return api.CreatePipelineLayout(device, &info, nil, &layout)
        }
        try check(result, "vkCreatePipelineLayout")
        guard let layout else { throw .callFailed(call: "vkCreatePipelineLayout", result: 0) }
        return layout
    }
}
