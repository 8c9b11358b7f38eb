import Checkpoints

/// What the matrices of a checkpoint in floats become as they are loaded.
///
/// Norms, biases and other vectors stay as they are, and so do the routers of mixtures: they are
/// small, and a router's rounding sends tokens to other experts.
public enum Quantization: String, Sendable, CaseIterable {
    /// 8.5 bits a weight.
    case q8_0
    /// 6.56 bits a weight.
    case q6_k
    /// 4.5 bits a weight; 6.56 in the output matrix, whose errors nothing after it evens out.
    case q4_k

    /// The type a matrix becomes; nil if it is to stay as it is, because no type has such rows.
    /// - Parameter isOutput: whether logits are its products.
    func type(columns: Int, isOutput: Bool) -> DataType? {
        let wanted: DataType =
            switch self {
            case .q8_0: .q8_0
            case .q6_k: .q6_K
            case .q4_k: isOutput ? .q6_K : .q4_K
            }
        return [wanted, .q8_0].first { columns % $0.blockSize == 0 }
    }
}

extension DataType {
    /// Whether elements are numbers of their own that `Quantization` starts from.
    var isPlainFloat: Bool { [.f32, .f16, .bf16].contains(self) }

    /// What makes this type's blocks of numbers; nil where nothing here does.
    var quantizer: (any BlockQuantizer.Type)? {
        switch self {
        case .q8_0: Q8_0Quantizer.self
        case .q6_K: Q6_KQuantizer.self
        case .q4_K: Q4_KQuantizer.self
        default: nil
        }
    }
}
