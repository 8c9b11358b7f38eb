import CVulkan
import Foundation

/// A device the loader found, not yet opened.
public final class PhysicalDevice {
    let instance: Instance
    let handle: VkPhysicalDevice
    let queueFamily: UInt32?
    /// A family whose queues only copy, if there is one: the card's copy engines.
    let transferFamily: UInt32?

    /// What the device says of itself.
    public let properties: DeviceProperties

    /// The required features the device lacks, in words; none if Pumice can run on it. The order is
    /// the order in which a user would want to hear of them.
    public let missingFeatures: [String]

    /// The first of them.
    public var missingFeature: String? { missingFeatures.first }

    /// Whether another is the same hardware.
    public func isHardware(of other: PhysicalDevice) -> Bool { handle == other.handle }

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
        missingFeatures =
            (family == nil ? ["a compute queue"] : [])
            + Self.missingFeatures(instance, handle, extensions, properties)
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
        let head = chain.append(
            VkPhysicalDeviceProperties2.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2
        )
        let p11 = chain.append(
            VkPhysicalDeviceVulkan11Properties.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_1_PROPERTIES
        )
        let p12 = chain.append(
            VkPhysicalDeviceVulkan12Properties.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_PROPERTIES
        )
        let pSubgroup = chain.append(
            VkPhysicalDeviceSubgroupSizeControlProperties.self,
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES
        )
        let units = ComputeUnits(chain, extensions)
        let pMatrix2 =
            extensions.contains("VK_NV_cooperative_matrix2")
            ? chain.append(
                VkPhysicalDeviceCooperativeMatrix2PropertiesNV.self,
                VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_COOPERATIVE_MATRIX_2_PROPERTIES_NV
            ) : nil
        let pDot =
            extensions.contains("VK_KHR_shader_integer_dot_product")
            ? chain.append(
                VkPhysicalDeviceShaderIntegerDotProductProperties.self,
                VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES
            ) : nil
        instance.api.GetPhysicalDeviceProperties2(device, head)

        let features = DeviceFeatures(of: device, instance, extensions).optional
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
            extensions: extensions,
            features: features,
            acceleratesInt8DotProduct: features.contains(.integerDotProduct)
                && pDot?.pointee.integerDotProduct4x8BitPackedSignedAccelerated == 1,
            cooperativeMatrices: features.contains(.cooperativeMatrix)
                ? instance.cooperativeMatrices(of: device) : [],
            flexibleMatrices: features.contains(.workgroupMatrix)
                ? instance.flexibleMatrices(of: device) : [],
            maxFlexibleDimension: Int(
                pMatrix2?.pointee.cooperativeMatrixFlexibleDimensionsMaxDimension ?? 0
            ),
            reservedSharedMemoryByteCount: Int(
                pMatrix2?.pointee.cooperativeMatrixWorkgroupScopeReservedSharedMemory ?? 0
            ),
            computeUnitCount: head.pointee.properties.deviceType == VK_PHYSICAL_DEVICE_TYPE_CPU
                ? ProcessInfo.processInfo.activeProcessorCount : units.count
        )
    }

    private static func missingFeatures(
        _ instance: Instance,
        _ device: VkPhysicalDevice,
        _ extensions: Set<String>,
        _ properties: DeviceProperties
    ) -> [String] {
        // What an older version says of newer features means nothing.
        guard properties.apiVersion >= (1, 2, 0) else {
            return ["Vulkan 1.2 (it has \(properties.apiVersion.0).\(properties.apiVersion.1))"]
        }
        let isCore13 = properties.apiVersion >= (1, 3, 0)
        let missingExtensions = DeviceFeatures.requiredExtensions.filter { name, _ in
            !isCore13 && !extensions.contains(name)
        }
        let operations = [
            (VK_SUBGROUP_FEATURE_ARITHMETIC_BIT, "subgroup arithmetic"),
            (VK_SUBGROUP_FEATURE_BALLOT_BIT, "subgroup broadcasts"),
        ]
        // A feature whose extension is missing is missing for that reason alone.
        let features = DeviceFeatures(of: device, instance, extensions).missing.filter { feature in
            !missingExtensions.contains { $0.words == feature }
        }
        return features + missingExtensions.map { "\($0.words) (\($0.name))" }
            + operations.filter { properties.subgroupOperations & $0.0.rawValue == 0 }.map(\.1)
    }
}
