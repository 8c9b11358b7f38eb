import Kernels

/// What sets an architecture apart. All are decoders of one frame, `Decoder`: a residual stream
/// that grouped-query attention with RoPE and a gated feed-forward network add to in turn, each
/// behind an RMSNorm.
struct Architecture: Sendable {
    /// GGUF's word for it, in `general.architecture`; also the prefix of its metadata keys.
    let name: String
    /// The words for it in `model_type` of a folder's config.json.
    let modelTypes: [String]
    /// Models of it that people know, for the table of the README.
    let models: String

    /// Whether GGUF files have the rows of queries and keys in such an order that RoPE rotates
    /// neighbours, where folders have halves (their converter's choice for llama).
    var rotatesNeighboursInGGUF = false
    /// Whether queries, keys and values have a bias.
    var hasBias = false
    /// Whether each head's query and key are normalised.
    var hasHeadNorms = false
    /// Whether queries, keys and values are one matrix, and gate and up are.
    var isFused = false
    /// Whether what attention and the feed-forward network give is normalised too.
    var hasPostNorms = false
    /// Whether embeddings are multiplied by the square root of the hidden size.
    var scalesEmbedding = false
    var activation = MatmulEpilogue.Activation.siluMul
    /// What folders leave out of the weights of norms; GGUF files have it in them.
    var hubNormOffset: Float = 0

    /// Of so many layers the last sees everything and the others slide, where the checkpoint does
    /// not say; nil: a window is every layer's.
    var slidingPeriod: Int?
    /// RoPE's base in sliding layers, where it differs from the others' and the checkpoint does not
    /// say.
    var slidingRotaryBase: Double?

    /// What names of tensors in folders differ from the common ones: GGUF's part of a layer to the
    /// folder's.
    var hubNames: [String: String] = [:]
    /// What config.json may leave out.
    var hubDefaults: [String: Int] = [:]
}

/// The architectures there are.
public enum Architectures {
    static let all: [Architecture] = [
        .llama, .mistral, .qwen2, .qwen3, .gemma3, .phi3,
    ]

    /// Their names, for messages and tables.
    public static var names: [String] { all.map(\.name) }

    /// The table of the README, a row for each: name, `model_type`, models.
    public static var table: String {
        all.map { architecture in
            let types = architecture.modelTypes.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(architecture.name)` | \(types) | \(architecture.models) |\n"
        }.joined()
    }

    /// The architecture of a GGUF file.
    static func named(_ name: String, file: String) throws(ModelError) -> Architecture {
        guard let found = all.first(where: { $0.name == name }) else {
            throw .unsupportedArchitecture(file: file, name: name, supported: names)
        }
        return found
    }

    /// The architecture of a folder.
    static func ofModelType(_ type: String, file: String) throws(ModelError) -> Architecture {
        guard let found = all.first(where: { $0.modelTypes.contains(type) }) else {
            throw .unsupportedArchitecture(
                file: file,
                name: type,
                supported: all.flatMap(\.modelTypes)
            )
        }
        return found
    }
}
