import CVulkan

/// Matrices the device multiplies in one go: a of [m, k] times b of [k, n], added to c of [m, n].
public struct CooperativeMatrix: Sendable, Hashable, CustomStringConvertible {
    /// The type of a matrix's elements.
    public enum Component: String, Sendable {
        case f16, bf16, f32, s8, u8, s32, u32, other

        init(_ type: VkComponentTypeKHR) {
            switch type {
            case VK_COMPONENT_TYPE_FLOAT16_KHR: self = .f16
            case VK_COMPONENT_TYPE_BFLOAT16_KHR: self = .bf16
            case VK_COMPONENT_TYPE_FLOAT32_KHR: self = .f32
            case VK_COMPONENT_TYPE_SINT8_KHR: self = .s8
            case VK_COMPONENT_TYPE_UINT8_KHR: self = .u8
            case VK_COMPONENT_TYPE_SINT32_KHR: self = .s32
            case VK_COMPONENT_TYPE_UINT32_KHR: self = .u32
            default: self = .other
            }
        }
    }

    /// The sizes; where dimensions are flexible, what they must be multiples of.
    public let m: Int
    public let n: Int
    public let k: Int
    /// Of a and b alike.
    public let inputs: Component
    /// Of c and the result alike.
    public let accumulator: Component
    /// Invocations of the workgroup that shares the matrices; nil if a subgroup does.
    public let workgroupSize: Int?

    public init(
        m: Int,
        n: Int,
        k: Int,
        inputs: Component,
        accumulator: Component,
        workgroupSize: Int? = nil
    ) {
        self.m = m
        self.n = n
        self.k = k
        self.inputs = inputs
        self.accumulator = accumulator
        self.workgroupSize = workgroupSize
    }

    /// For example `16x16x16 f16 -> f32`.
    public var description: String {
        "\(m)x\(n)x\(k) \(inputs) -> \(accumulator)"
            + (workgroupSize.map { " by \($0)" } ?? "")
    }
}

extension Instance {
    /// What a subgroup of the device multiplies, of the shapes whose inputs, and whose accumulators,
    /// have one type.
    func cooperativeMatrices(of device: VkPhysicalDevice) -> [CooperativeMatrix] {
        guard let query = api.GetPhysicalDeviceCooperativeMatrixPropertiesKHR else { return [] }
        var empty = VkCooperativeMatrixPropertiesKHR()
        empty.sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_PROPERTIES_KHR
        var count: UInt32 = 0
        guard query(device, &count, nil) == VK_SUCCESS else { return [] }
        var list = [VkCooperativeMatrixPropertiesKHR](repeating: empty, count: Int(count))
        guard query(device, &count, &list) == VK_SUCCESS else { return [] }
        return list.prefix(Int(count)).filter {
            $0.scope == VK_SCOPE_SUBGROUP_KHR && $0.AType == $0.BType && $0.CType == $0.ResultType
                && $0.saturatingAccumulation == 0
        }.map {
            CooperativeMatrix(
                m: Int($0.MSize),
                n: Int($0.NSize),
                k: Int($0.KSize),
                inputs: .init($0.AType),
                accumulator: .init($0.CType)
            )
        }
    }

    /// What a workgroup of the device multiplies, dimensions being multiples of those given.
    func flexibleMatrices(of device: VkPhysicalDevice) -> [CooperativeMatrix] {
        guard let query = api.GetPhysicalDeviceCooperativeMatrixFlexibleDimensionsPropertiesNV
        else { return [] }
        var empty = VkCooperativeMatrixFlexibleDimensionsPropertiesNV()
        empty.sType = VK_STRUCTURE_TYPE_COOPERATIVE_MATRIX_FLEXIBLE_DIMENSIONS_PROPERTIES_NV
        var count: UInt32 = 0
        guard query(device, &count, nil) == VK_SUCCESS else { return [] }
        var list = [VkCooperativeMatrixFlexibleDimensionsPropertiesNV](
            repeating: empty,
            count: Int(count)
        )
        guard query(device, &count, &list) == VK_SUCCESS else { return [] }
        return list.prefix(Int(count)).filter {
            $0.scope == VK_SCOPE_WORKGROUP_KHR && $0.AType == $0.BType
                && $0.CType == $0.ResultType && $0.saturatingAccumulation == 0
        }.map {
            CooperativeMatrix(
                m: Int($0.MGranularity),
                n: Int($0.NGranularity),
                k: Int($0.KGranularity),
                inputs: .init($0.AType),
                accumulator: .init($0.CType),
                workgroupSize: Int($0.workgroupInvocations)
            )
        }
    }
}
