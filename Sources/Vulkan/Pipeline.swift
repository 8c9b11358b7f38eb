import CVulkan

/// A compiled kernel, specialised and ready to dispatch.
public final class Pipeline {
    private let device: Device
    let handle: VkPipeline

    /// The shader's name, which is also its debug label.
    public let name: String

    /// Compiles a shader.
    /// - Parameters:
    ///   - spirv: the module's words; its entry point is `main`.
    ///   - constants: the values of specialisation constants 0, 1, 2, ...
    ///   - subgroupSize: the subgroup size to insist on, where the device lets one choose.
    /// - Throws: `callFailed` if the driver refuses the shader.
    public init(
        _ device: Device,
        name: String,
        spirv: [UInt32],
        constants: [UInt32],
        subgroupSize: Int? = nil
    ) throws(VulkanError) {
        self.device = device
        self.name = name
        let module = try Self.makeModule(device, spirv)
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
        handle = pipeline
    }

    deinit {
        device.api.DestroyPipeline(device.handle, handle, nil)
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
