import Checkpoints
import Foundation

/// LongRoPE (Ding et al. 2024), as config.json has it.
struct LongRotary {
    /// Tokens the model was first trained to see, for which the short factors are.
    let originalContextLength: Int
    /// What cosines and sines are multiplied by.
    let attentionFactor: Double
    private let short: [Float]
    private let long: [Float]

    /// - Parameters:
    ///   - scaling: `rope_parameters` or `rope_scaling`.
    ///   - json: the configuration around it.
    /// - Throws: `ModelError` where numbers are missing or impossible.
    init(_ scaling: JSONValue, of json: JSONValue, file: String) throws(ModelError) {
        func factors(_ name: String) throws(ModelError) -> [Float] {
            let factors = scaling[name]?.array?.compactMap(\.number).map { Float($0) } ?? []
            guard !factors.isEmpty, factors.allSatisfy({ $0 > 0 && $0.isFinite }) else {
                throw .badConfiguration(
                    file: file,
                    detail: "LongRoPE's \(name) is to be positive numbers"
                )
            }
            return factors
        }
        (short, long) = (try factors("short_factor"), try factors("long_factor"))
        let name = "original_max_position_embeddings"
        let original = (scaling[name] ?? json[name])?.integer ?? 0
        let whole = json["max_position_embeddings"]?.integer ?? 0
        let factor = scaling["factor"]?.number ?? Double(whole) / Double(max(original, 1))
        guard original > 1, factor > 0, factor.isFinite else {
            throw .badConfiguration(
                file: file,
                detail: "LongRoPE stretches \(original) tokens by \(factor)"
            )
        }
        originalContextLength = original
        attentionFactor =
            scaling["attention_factor"]?.number
            ?? (factor > 1 ? (1 + log(factor) / log(Double(original))).squareRoot() : 1)
    }

    /// The factors as GGUF files have them: tensors.
    var tensors: [DerivedTensor] {
        [("rope_factors_short.weight", short), ("rope_factors_long.weight", long)].map {
            (name, factors) in
            let info = TensorInfo(
                name: name,
                shape: [factors.count],
                dataType: .f32,
                fileOffset: 0
            )
            return .byRow(info, rowCount: 1, sources: []) { _ in
                factors.flatMap { factor in
                    (0..<4).map { UInt8(truncatingIfNeeded: factor.bitPattern >> (8 * $0)) }
                }
            }
        }
    }
}
