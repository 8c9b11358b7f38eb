import CVulkan

/// How many cores a GPU has that run workgroups of their own: each vendor has a word and an
/// extension for it. Intel's driver does not say.
struct ComputeUnits {
    private let nvidia: UnsafeMutablePointer<VkPhysicalDeviceShaderSMBuiltinsPropertiesNV>?
    private let amd: UnsafeMutablePointer<VkPhysicalDeviceShaderCorePropertiesAMD>?

    /// Adds to a chain of properties what reports the number.
    init(_ chain: StructChain, _ extensions: Set<String>) {
        nvidia =
            extensions.contains("VK_NV_shader_sm_builtins")
            ? chain.append(
                VkPhysicalDeviceShaderSMBuiltinsPropertiesNV.self,
                VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_SM_BUILTINS_PROPERTIES_NV
            ) : nil
        amd =
            extensions.contains("VK_AMD_shader_core_properties")
            ? chain.append(
                VkPhysicalDeviceShaderCorePropertiesAMD.self,
                VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_CORE_PROPERTIES_AMD
            ) : nil
    }

    /// The number, once the chain has been queried.
    var count: Int? {
        if let nvidia { return Int(nvidia.pointee.shaderSMCount) }
        return amd.map {
            Int(
                $0.pointee.shaderEngineCount * $0.pointee.shaderArraysPerEngineCount
                    * $0.pointee.computeUnitsPerShaderArray
            )
        }
    }
}
