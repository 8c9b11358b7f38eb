import CVulkan

/// The features Pumice asks for, as a chain that serves both to ask and to enable: those it cannot
/// do without, and those it uses where they are there.
final class DeviceFeatures {
    /// Needed from devices older than Vulkan 1.3, where these are extensions.
    static let requiredExtensions: [(name: String, words: String)] = [
        ("VK_KHR_synchronization2", "synchronization2"),
        ("VK_EXT_subgroup_size_control", "subgroup size control"),
    ]

    /// The extensions that optional features are part of.
    static let optionalExtensions = [
        "VK_KHR_shader_integer_dot_product", "VK_KHR_cooperative_matrix",
        "VK_NV_cooperative_matrix2", "VK_KHR_shader_bfloat16",
    ]

    let chain = StructChain()
    private let base: UnsafeMutablePointer<VkPhysicalDeviceFeatures2>
    private let core11: UnsafeMutablePointer<VkPhysicalDeviceVulkan11Features>
    private let core12: UnsafeMutablePointer<VkPhysicalDeviceVulkan12Features>
    private let subgroup: UnsafeMutablePointer<VkPhysicalDeviceSubgroupSizeControlFeatures>
    private let sync2: UnsafeMutablePointer<VkPhysicalDeviceSynchronization2Features>
    // Only in the chain of a device that has the extension: the validation layer minds strangers.
    private let dot: UnsafeMutablePointer<VkPhysicalDeviceShaderIntegerDotProductFeatures>?
    private let matrix: UnsafeMutablePointer<VkPhysicalDeviceCooperativeMatrixFeaturesKHR>?
    private let matrix2: UnsafeMutablePointer<VkPhysicalDeviceCooperativeMatrix2FeaturesNV>?
    private let bfloat16: UnsafeMutablePointer<VkPhysicalDeviceShaderBfloat16FeaturesKHR>?

    /// A chain in which everything is off.
    /// - Parameter extensions: what the device offers.
    init(_ extensions: Set<String>) {
        let chain = chain
        func optional<T>(_ type: T.Type, _ sType: VkStructureType, _ name: String)
            -> UnsafeMutablePointer<T>?
        { extensions.contains(name) ? chain.append(type, sType) : nil }

        base = chain.append(
            VkPhysicalDeviceFeatures2.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
        )
        core11 = chain.append(
            VkPhysicalDeviceVulkan11Features.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES
        )
        core12 = chain.append(
            VkPhysicalDeviceVulkan12Features.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES
        )
        subgroup = chain.append(
            VkPhysicalDeviceSubgroupSizeControlFeatures.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES
        )
        sync2 = chain.append(
            VkPhysicalDeviceSynchronization2Features.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SYNCHRONIZATION_2_FEATURES
        )
        dot = optional(
            VkPhysicalDeviceShaderIntegerDotProductFeatures.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES,
            "VK_KHR_shader_integer_dot_product"
        )
        matrix = optional(
            VkPhysicalDeviceCooperativeMatrixFeaturesKHR.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_FEATURES_KHR,
            "VK_KHR_cooperative_matrix"
        )
        matrix2 = optional(
            VkPhysicalDeviceCooperativeMatrix2FeaturesNV.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_FEATURES_NV,
            "VK_NV_cooperative_matrix2"
        )
        bfloat16 = optional(
            VkPhysicalDeviceShaderBfloat16FeaturesKHR.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_BFLOAT16_FEATURES_KHR,
            "VK_KHR_shader_bfloat16"
        )
    }

    /// What the device has.
    convenience init(of device: VkPhysicalDevice, _ instance: Instance, _ extensions: Set<String>) {
        self.init(extensions)
        instance.api.GetPhysicalDeviceFeatures2(device, base)
    }

    private var required: [(words: String, isThere: Bool)] {
        [
            ("buffer device addresses", core12.pointee.bufferDeviceAddress != 0),
            ("timeline semaphores", core12.pointee.timelineSemaphore != 0),
            ("16-bit storage", core11.pointee.storageBuffer16BitAccess != 0),
            ("8-bit storage", core12.pointee.storageBuffer8BitAccess != 0),
            ("scalar block layout", core12.pointee.scalarBlockLayout != 0),
            ("64-bit integers in shaders", base.pointee.features.shaderInt64 != 0),
            ("synchronization2", sync2.pointee.synchronization2 != 0),
            ("subgroup size control", subgroup.pointee.subgroupSizeControl != 0),
            ("full subgroups in compute", subgroup.pointee.computeFullSubgroups != 0),
        ]
    }

    /// The required features that are not there, in words.
    var missing: [String] { required.filter { !$0.isThere }.map(\.words) }

    /// The optional features that are there, each with all it needs.
    var optional: Set<OptionalFeature> {
        let float16 = core12.pointee.shaderFloat16 != 0
        let hasMatrix =
            float16 && core12.pointee.vulkanMemoryModel != 0
            && core12.pointee.vulkanMemoryModelDeviceScope != 0
            && matrix?.pointee.cooperativeMatrix == 1
        let hasMatrix2 =
            hasMatrix && matrix2?.pointee.cooperativeMatrixWorkgroupScope == 1
            && matrix2?.pointee.cooperativeMatrixFlexibleDimensions == 1
            && matrix2?.pointee.cooperativeMatrixTensorAddressing == 1
            && matrix2?.pointee.cooperativeMatrixBlockLoads == 1
        let hasBfloat16 = bfloat16?.pointee.shaderBFloat16Type == 1
        let there: [OptionalFeature: Bool] = [
            .float16: float16,
            .int8: core12.pointee.shaderInt8 != 0,
            .integerDotProduct: dot?.pointee.shaderIntegerDotProduct == 1,
            .cooperativeMatrix: hasMatrix,
            .workgroupMatrix: hasMatrix2,
            .bfloat16: hasBfloat16,
            .bfloat16Matrix: hasMatrix && hasBfloat16
                && bfloat16?.pointee.shaderBFloat16CooperativeMatrix == 1,
        ]
        return Set(there.filter(\.value).keys)
    }

    /// Turns on what is required, those optional features, and nothing else.
    func enable(_ optional: Set<OptionalFeature>) {
        base.pointee.features.shaderInt64 = 1
        core11.pointee.storageBuffer16BitAccess = 1
        core12.pointee.bufferDeviceAddress = 1
        core12.pointee.timelineSemaphore = 1
        core12.pointee.storageBuffer8BitAccess = 1
        core12.pointee.scalarBlockLayout = 1
        sync2.pointee.synchronization2 = 1
        subgroup.pointee.subgroupSizeControl = 1
        subgroup.pointee.computeFullSubgroups = 1

        func flag(_ feature: OptionalFeature) -> VkBool32 { optional.contains(feature) ? 1 : 0 }
        core12.pointee.shaderFloat16 = flag(.float16)
        core12.pointee.shaderInt8 = flag(.int8)
        // Modules with cooperative matrices are written for the Vulkan memory model; where it is
        // on, atomic operations of other modules need its device scope.
        core12.pointee.vulkanMemoryModel = flag(.cooperativeMatrix)
        core12.pointee.vulkanMemoryModelDeviceScope = flag(.cooperativeMatrix)
        dot?.pointee.shaderIntegerDotProduct = flag(.integerDotProduct)
        matrix?.pointee.cooperativeMatrix = flag(.cooperativeMatrix)
        matrix2?.pointee.cooperativeMatrixWorkgroupScope = flag(.workgroupMatrix)
        matrix2?.pointee.cooperativeMatrixFlexibleDimensions = flag(.workgroupMatrix)
        matrix2?.pointee.cooperativeMatrixTensorAddressing = flag(.workgroupMatrix)
        matrix2?.pointee.cooperativeMatrixBlockLoads = flag(.workgroupMatrix)
        bfloat16?.pointee.shaderBFloat16Type = flag(.bfloat16)
        bfloat16?.pointee.shaderBFloat16CooperativeMatrix = flag(.bfloat16Matrix)
    }
}
