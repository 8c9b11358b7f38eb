import CVulkan

/// The features Pumice cannot do without, as a chain that serves both to ask and to enable.
final class DeviceFeatures {
    /// Needed from devices older than Vulkan 1.3, where these are extensions.
    static let requiredExtensions: [(name: String, words: String)] = [
        ("VK_KHR_synchronization2", "synchronization2"),
        ("VK_EXT_subgroup_size_control", "subgroup size control"),
    ]

    let chain = StructChain()
    private let base: UnsafeMutablePointer<VkPhysicalDeviceFeatures2>
    private let core11: UnsafeMutablePointer<VkPhysicalDeviceVulkan11Features>
    private let core12: UnsafeMutablePointer<VkPhysicalDeviceVulkan12Features>
    private let subgroup: UnsafeMutablePointer<VkPhysicalDeviceSubgroupSizeControlFeatures>
    private let sync2: UnsafeMutablePointer<VkPhysicalDeviceSynchronization2Features>

    private init() {
        var features = VkPhysicalDeviceFeatures2()
        features.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2
        base = chain.append(features)
        var features11 = VkPhysicalDeviceVulkan11Features()
        features11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_FEATURES
        core11 = chain.append(features11)
        var features12 = VkPhysicalDeviceVulkan12Features()
        features12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES
        core12 = chain.append(features12)
        var featuresSubgroup = VkPhysicalDeviceSubgroupSizeControlFeatures()
        featuresSubgroup.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES
        subgroup = chain.append(featuresSubgroup)
        var featuresSync2 = VkPhysicalDeviceSynchronization2Features()
        featuresSync2.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SYNCHRONIZATION_2_FEATURES
        sync2 = chain.append(featuresSync2)
    }

    static func makeChain() -> DeviceFeatures { DeviceFeatures() }

    /// Fills the chain with what the device has.
    func query(_ instance: Instance, _ device: VkPhysicalDevice) {
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

    /// The first required feature that is not there, in words.
    var firstMissing: String? { required.first { !$0.isThere }?.words }

    /// Turns on what is required and nothing else.
    func enableRequired() {
        base.pointee.features.shaderInt64 = 1
        core11.pointee.storageBuffer16BitAccess = 1
        core12.pointee.bufferDeviceAddress = 1
        core12.pointee.timelineSemaphore = 1
        core12.pointee.storageBuffer8BitAccess = 1
        core12.pointee.scalarBlockLayout = 1
        sync2.pointee.synchronization2 = 1
        subgroup.pointee.subgroupSizeControl = 1
        subgroup.pointee.computeFullSubgroups = 1
    }
}
