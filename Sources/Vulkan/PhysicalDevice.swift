import CVulkan

/// A device the loader found, not yet opened.
public final class PhysicalDevice {
    let instance: Instance
    let handle: VkPhysicalDevice
    let queueFamily: UInt32?
    /// A family whose queues only copy, if there is one: the card's copy engines.
    let transferFamily: UInt32?

    /// What the device says of itself.
    public let properties: DeviceProperties

    /// The first required feature the device lacks, in words, or nil if Pumice can run on it.
    public let missingFeature: String?

    init(instance: Instance, handle: VkPhysicalDevice) {
        self.instance = instance
        self.handle = handle
        let extensions = Self.extensionNames(instance, handle)
        let families = Self.queueFamilies(instance, handle)
        let family = Self.computeQueueFamily(families)
        queueFamily = family?.index
        transferFamily = Self.transferQueueFamily(families)
        properties = Self.readProperties(
            instance,
            handle,
            extensions,
            timestampBits: family?.timestampBits ?? 0
        )
        missingFeature =
            family == nil
            ? "a compute queue" : Self.firstMissingFeature(instance, handle, extensions, properties)
    }

    private static func extensionNames(_ instance: Instance, _ device: VkPhysicalDevice) -> Set<
        String
    > {
        var count: UInt32 = 0
        _ = instance.api.EnumerateDeviceExtensionProperties(device, nil, &count, nil)
        var list = [VkExtensionProperties](repeating: VkExtensionProperties(), count: Int(count))
        _ = instance.api.EnumerateDeviceExtensionProperties(device, nil, &count, &list)
        return Set(list.map { string(fromTuple: $0.extensionName) })
    }

    private static func queueFamilies(_ instance: Instance, _ device: VkPhysicalDevice)
        -> [VkQueueFamilyProperties]
    {
        var count: UInt32 = 0
        instance.api.GetPhysicalDeviceQueueFamilyProperties(device, &count, nil)
        var families = [VkQueueFamilyProperties](
            repeating: VkQueueFamilyProperties(),
            count: Int(count)
        )
        instance.api.GetPhysicalDeviceQueueFamilyProperties(device, &count, &families)
        return families
    }

    private static func computeQueueFamily(_ families: [VkQueueFamilyProperties]) -> (
        index: UInt32, timestampBits: UInt32
    )? {
        let compute = VK_QUEUE_COMPUTE_BIT.rawValue
        guard let index = families.firstIndex(where: { $0.queueFlags & compute != 0 }) else {
            return nil
        }
        return (UInt32(index), families[index].timestampValidBits)
    }

    private static func transferQueueFamily(_ families: [VkQueueFamilyProperties]) -> UInt32? {
        let transfer = VK_QUEUE_TRANSFER_BIT.rawValue
        let allowed =
            transfer | VK_QUEUE_SPARSE_BINDING_BIT.rawValue | VK_QUEUE_PROTECTED_BIT.rawValue
        return families.firstIndex {
            $0.queueFlags & transfer != 0 && $0.queueFlags & ~allowed == 0
        }
        .map { UInt32($0) }
    }

    private static func readProperties(
        _ instance: Instance,
        _ device: VkPhysicalDevice,
        _ extensions: Set<String>,
        timestampBits: UInt32
    ) -> DeviceProperties {
        let chain = StructChain()
        var base = VkPhysicalDeviceProperties2()
        base.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        let head = chain.append(base)
        var core11 = VkPhysicalDeviceVulkan11Properties()
        core11.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES
        let p11 = chain.append(core11)
        var core12 = VkPhysicalDeviceVulkan12Properties()
        core12.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES
        let p12 = chain.append(core12)
        var subgroup = VkPhysicalDeviceSubgroupSizeControlProperties()
        subgroup.sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES
        let pSubgroup = chain.append(subgroup)
        instance.api.GetPhysicalDeviceProperties2(device, head)

        let limits = head.pointee.properties.limits
        let version = head.pointee.properties.apiVersion
        return DeviceProperties(
            name: string(fromTuple: head.pointee.properties.deviceName),
            driver: string(fromTuple: p12.pointee.driverName) + " "
                + string(fromTuple: p12.pointee.driverInfo),
            kind: DeviceProperties.Kind(head.pointee.properties.deviceType),
            vendorID: head.pointee.properties.vendorID,
            apiVersion: (
                Int(pumice_version_major(version)), Int(pumice_version_minor(version)),
                Int(pumice_version_patch(version))
            ),
            cacheKey: withUnsafeBytes(of: head.pointee.properties.pipelineCacheUUID) { uuid in
                uuid.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            },
            subgroupSize: Int(p11.pointee.subgroupSize),
            minSubgroupSize: Int(pSubgroup.pointee.minSubgroupSize),
            maxSubgroupSize: Int(pSubgroup.pointee.maxSubgroupSize),
            subgroupOperations: p11.pointee.subgroupSupportedOperations,
            sharedMemoryByteCount: Int(limits.maxComputeSharedMemorySize),
            maxWorkgroupCount: (
                Int(limits.maxComputeWorkGroupCount.0), Int(limits.maxComputeWorkGroupCount.1),
                Int(limits.maxComputeWorkGroupCount.2)
            ),
            maxAllocationByteCount: Int(
                clamping: p11.pointee.maxMemoryAllocationSize
            ),
            timestampPeriod: timestampBits == 0 ? nil : Double(limits.timestampPeriod),
            extensions: extensions
        )
    }

    /// The order is the order in which a user would want to hear of it.
    private static func firstMissingFeature(
        _ instance: Instance,
        _ device: VkPhysicalDevice,
        _ extensions: Set<String>,
        _ properties: DeviceProperties
    ) -> String? {
        guard properties.apiVersion >= (1, 2, 0) else {
            return "Vulkan 1.2 (it has \(properties.apiVersion.0).\(properties.apiVersion.1))"
        }
        let isCore13 = properties.apiVersion >= (1, 3, 0)
        let chain = DeviceFeatures.makeChain()
        chain.query(instance, device)
        if let missing = chain.firstMissing { return missing }
        for (name, words) in DeviceFeatures.requiredExtensions
        where !isCore13 && !extensions.contains(name) {
            return "\(words) (\(name))"
        }
        let arithmetic = VK_SUBGROUP_FEATURE_ARITHMETIC_BIT.rawValue
        guard properties.subgroupOperations & arithmetic != 0 else { return "subgroup arithmetic" }
        return nil
    }
}
