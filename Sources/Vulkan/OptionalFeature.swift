/// What kernels use where a device has it, and do without elsewhere. A device is opened with all of
/// them that it offers.
public enum OptionalFeature: String, Sendable, CaseIterable {
    /// Arithmetic on halves.
    case float16
    /// Arithmetic on bytes.
    case int8
    /// Four products of bytes and their sum in one instruction: VK_KHR_shader_integer_dot_product.
    case integerDotProduct
    /// Matrices that a subgroup multiplies: VK_KHR_cooperative_matrix. Which shapes, say
    /// `DeviceProperties.cooperativeMatrices`.
    case cooperativeMatrix
    /// Matrices that a workgroup multiplies, of any multiple of a size, loaded from tensors in
    /// memory: VK_NV_cooperative_matrix2. Which, say `DeviceProperties.flexibleMatrices`.
    case workgroupMatrix
    /// Brain floats as a type of their own: VK_KHR_shader_bfloat16.
    case bfloat16
    /// Cooperative matrices of brain floats.
    case bfloat16Matrix

    /// As `pumice devices` calls it.
    public var words: String {
        switch self {
        case .float16: "fp16"
        case .int8: "int8"
        case .integerDotProduct: "integer dot product"
        case .cooperativeMatrix: "cooperative matrices"
        case .workgroupMatrix: "cooperative matrices of a workgroup"
        case .bfloat16: "bfloat16"
        case .bfloat16Matrix: "bfloat16 matrices"
        }
    }
}
