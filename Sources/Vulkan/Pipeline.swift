import CVulkan
import Dispatch
import Synchronization

/// A compiled kernel, specialised and ready to dispatch.
public final class Pipeline {
    private let device: Device
    private let compilation = Compilation()
    private var ready: VkPipeline?

    /// The shader's name, which is also its debug label.
    public let name: String

    /// Compiles a shader.
    /// - Parameters:
    ///   - spirv: the module's words; its entry point is `main`.
    ///   - constants: the values of specialisation constants 0, 1, 2, ...
    ///   - subgroupSize: the subgroup size to insist on, where the device lets one choose.
    ///   - isAhead: whether another thread compiles it; what goes wrong is thrown where it is first
    ///     submitted.
    /// - Throws: `callFailed` if the driver refuses the shader.
    public init(
        _ device: Device,
        name: String,
        spirv: [UInt32],
        constants: [UInt32],
        subgroupSize: Int? = nil,
        isAhead: Bool = false
    ) throws(VulkanError) {
        self.device = device
        self.name = name
        // Vulkan lets threads make pipelines of one device, by one cache, at the same time; nothing
        // else of the device that is read for it ever changes. Not retained, so that no other
        // thread can be the last to let the device go: `deinit` waits before it does.
        nonisolated(unsafe) unowned(unsafe) let device = device
        let compile = { @Sendable [compilation] in
            compilation.run { () throws(VulkanError) in
                try Self.compile(device, spirv, constants, subgroupSize)
            }
        }
        guard isAhead else {
            compile()
            _ = try handle
            return
        }
        DispatchQueue.global().async(execute: compile)
    }

    deinit {
        if let handle = try? handle { device.api.DestroyPipeline(device.handle, handle, nil) }
    }

    /// The pipeline, once it is compiled.
    var handle: VkPipeline {
        get throws(VulkanError) {
            if let ready { return ready }
            let handle = try compilation.wait()
            ready = handle
            return handle
        }
    }

    private static func compile(
        _ device: Device,
        _ spirv: [UInt32],
        _ constants: [UInt32],
        _ subgroupSize: Int?
    ) throws(VulkanError) -> VkPipeline {
        let module = try makeModule(device, spirv)
        defer { device.api.DestroyShaderModule(device.handle, module, nil) }
        let entries = constants.indices.map {
            VkSpecializationMapEntry(
                constantID: UInt32($0),
                offset: UInt32($0 * 4),
                size: 4
            )
        }
        var required = VkPipelineShaderStageRequiredSubgroupSizeCreateInfo()
        required.sType =
            VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO
        required.requiredSubgroupSize = UInt32(subgroupSize ?? 0)
        let properties = device.properties
        let choosesSize =
            subgroupSize.map {
                $0 >= properties.minSubgroupSize && $0 <= properties.maxSubgroupSize
                    && properties.minSubgroupSize != properties.maxSubgroupSize
            } ?? false

        var pipeline: VkPipeline?
        let result = entries.withUnsafeBufferPointer { entries in
            constants.withUnsafeBytes { data in
                var specialization = VkSpecializationInfo()
                specialization.mapEntryCount = UInt32(entries.count)
                specialization.pMapEntries = entries.baseAddress
                specialization.dataSize = data.count
                specialization.pData = data.baseAddress
                return withUnsafePointer(to: specialization) { specialization in
                    withUnsafeMutablePointer(to: &required) { required in
                        "main".withCString { entryPoint in
                            var info = VkComputePipelineCreateInfo()
                            info.sType = VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO
                            info.layout = device.pipelineLayout
                            info.stage.sType =
                                VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO
                            info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT
                            info.stage.module = module
                            info.stage.pName = entryPoint
                            info.stage.pSpecializationInfo = specialization
                            info.stage.pNext = choosesSize ? UnsafeRawPointer(required) : nil
                            return device.api.CreateComputePipelines(
                                device.handle,
                                device.pipelineCache.handle,
                                1,
                                &info,
                                nil,
                                &pipeline
                            )
                        }
                    }
                }
            }
        }
        try check(result, "vkCreateComputePipelines")
        guard let pipeline else {
            throw .callFailed(call: "vkCreateComputePipelines", result: result.rawValue)
        }
        return pipeline
    }

    private static func makeModule(
        _ device: Device,
        _ spirv: [UInt32]
    ) throws(VulkanError) -> VkShaderModule {
        var module: VkShaderModule?
        let result = spirv.withUnsafeBufferPointer { words in
            var info = VkShaderModuleCreateInfo()
            info.sType = VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO
            info.codeSize = words.count * 4
            info.pCode = words.baseAddress
            return device.api.CreateShaderModule(device.handle, &info, nil, &module)
        }
        try check(result, "vkCreateShaderModule")
        guard let module else { throw .callFailed(call: "vkCreateShaderModule", result: 0) }
        return module
    }
}

/// A pipeline that one thread makes and another waits for.
private final class Compilation: Sendable {
    private let outcome = Mutex<Result<UInt, VulkanError>?>(nil)
    private let running = DispatchGroup()

    init() { running.enter() }

    func run(_ compile: () throws(VulkanError) -> VkPipeline) {
        let result = Result { () throws(VulkanError) in UInt(bitPattern: try compile()) }
        outcome.withLock { $0 = result }
        running.leave()
    }

    func wait() throws(VulkanError) -> VkPipeline {
        running.wait()
        guard let result = outcome.withLock({ $0 }),
            let handle = VkPipeline(bitPattern: try result.get())
        else { preconditionFailure("waited for a pipeline that nobody has compiled") }
        return handle
    }
}
