import CVulkan

/// What a device says of itself; everything kernel selection may depend on.
public struct DeviceProperties: Sendable {
    /// What sort of device it is; `cpu` is a software driver such as lavapipe.
    public enum Kind: String, Sendable {
        case discrete, integrated, virtual, cpu, other

        init(_ type: VkPhysicalDeviceType) {
            switch type {
            case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU: self = .discrete
            case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU: self = .integrated
            case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU: self = .virtual
            case VK_PHYSICAL_DEVICE_TYPE_CPU: self = .cpu
            default: self = .other
            }
        }

        /// Lower is the better choice when the user names none.
        var preference: Int {
            switch self {
            case .discrete: 0
            case .integrated: 1
            case .virtual: 2
            case .other: 3
            case .cpu: 4
            }
        }
    }

    public let name: String
    public let driver: String
    public let kind: Kind
    /// The PCI vendor, for display and for keys, never for choosing kernels.
    public let vendorID: UInt32
    public let apiVersion: (major: Int, minor: Int, patch: Int)
    /// Changes whenever compiled pipelines may no longer fit: hexadecimal.
    public let cacheKey: String
    /// Lanes of a subgroup unless a pipeline asks for another size.
    public let subgroupSize: Int
    public let minSubgroupSize: Int
    public let maxSubgroupSize: Int
    let subgroupOperations: UInt32
    public let sharedMemoryByteCount: Int
    public let maxWorkgroupCount: (x: Int, y: Int, z: Int)
    /// The largest single allocation, bytes.
    public let maxAllocationByteCount: Int
    /// Nanoseconds a timestamp tick lasts; nil if the queue has no timestamps.
    public let timestampPeriod: Double?
    /// Names of the device extensions on offer.
    public let extensions: Set<String>
    /// What the device has beyond the required, all of it enabled when it is opened.
    public let features: Set<OptionalFeature>
    /// Whether the hardware computes dot products of four signed bytes, packed in a word.
    public let acceleratesInt8DotProduct: Bool
    /// What a subgroup multiplies; empty without the feature `cooperativeMatrix`.
    public let cooperativeMatrices: [CooperativeMatrix]
    /// What a workgroup multiplies, in multiples of these sizes; empty without `workgroupMatrix`.
    public let flexibleMatrices: [CooperativeMatrix]
    /// The largest m, n or k of those; 0 without them.
    public let maxFlexibleDimension: Int
    /// Bytes of shared memory the driver keeps for itself where a workgroup multiplies.
    public let reservedSharedMemoryByteCount: Int
    /// Streaming multiprocessors, compute units or cores; nil where the driver does not say.
    public let computeUnitCount: Int?

    /// Whether kernels run on the host's own cores.
    public var isCPU: Bool { kind == .cpu }

    /// The release of Mesa the driver comes from, such as 26; nil if it is no driver of Mesa's.
    public var mesaRelease: Int? {
        guard let mark = driver.firstRange(of: "Mesa ") else { return nil }
        return Int(driver[mark.upperBound...].prefix { $0.isNumber })
    }
}
