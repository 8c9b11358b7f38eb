/// The shape of a known model of the llama architecture: what its weights cost, without them.
public struct SyntheticShape: Sendable, Equatable {
    public let name: String
    public let layerCount: Int
    public let hiddenSize: Int
    public let intermediateSize: Int
    public let headCount: Int
    public let kvHeadCount: Int
    public let vocabularySize: Int
    public let contextLength: Int
    public let rotaryBase: Float
    /// Whether the output matrix is the embedding.
    public let isTied: Bool

    /// Those of Llama 3.1 8B, Llama 3.2 1B, SmolLM2 135M, and one for tests.
    public static let all = [
        SyntheticShape(
            name: "llama-8b",
            layerCount: 32,
            hiddenSize: 4096,
            intermediateSize: 14_336,
            headCount: 32,
            kvHeadCount: 8,
            vocabularySize: 128_256,
            contextLength: 131_072,
            rotaryBase: 500_000,
            isTied: false
        ),
        SyntheticShape(
            name: "llama-1b",
            layerCount: 16,
            hiddenSize: 2048,
            intermediateSize: 8192,
            headCount: 32,
            kvHeadCount: 8,
            vocabularySize: 128_256,
            contextLength: 131_072,
            rotaryBase: 500_000,
            isTied: true
        ),
        SyntheticShape(
            name: "smol-135m",
            layerCount: 30,
            hiddenSize: 576,
            intermediateSize: 1536,
            headCount: 9,
            kvHeadCount: 3,
            vocabularySize: 49_152,
            contextLength: 8192,
            rotaryBase: 100_000,
            isTied: true
        ),
        SyntheticShape(
            name: "tiny",
            layerCount: 2,
            hiddenSize: 256,
            intermediateSize: 768,
            headCount: 4,
            kvHeadCount: 2,
            vocabularySize: 4096,
            contextLength: 2048,
            rotaryBase: 10_000,
            isTied: false
        ),
    ]

    public var headSize: Int { hiddenSize / headCount }

    /// A tensor of the checkpoint; vectors have one row and are single-precision.
    struct Tensor {
        let name: String
        let rows: Int
        let columns: Int
        var isVector = false
    }

    /// Every tensor, named as GGUF names them.
    var tensors: [Tensor] {
        var all = [
            Tensor(name: "token_embd.weight", rows: vocabularySize, columns: hiddenSize),
            Tensor(name: "output_norm.weight", rows: 1, columns: hiddenSize, isVector: true),
        ]
        if !isTied {
            all.append(Tensor(name: "output.weight", rows: vocabularySize, columns: hiddenSize))
        }
        let queryRows = headCount * headSize
        let kvRows = kvHeadCount * headSize
        for layer in 0..<layerCount {
            for (part, rows, columns) in [
                ("attn_q", queryRows, hiddenSize), ("attn_k", kvRows, hiddenSize),
                ("attn_v", kvRows, hiddenSize), ("attn_output", hiddenSize, queryRows),
                ("ffn_gate", intermediateSize, hiddenSize),
                ("ffn_up", intermediateSize, hiddenSize),
                ("ffn_down", hiddenSize, intermediateSize),
            ] {
                all.append(
                    Tensor(name: "blk.\(layer).\(part).weight", rows: rows, columns: columns)
                )
            }
            for part in ["attn_norm", "ffn_norm"] {
                all.append(
                    Tensor(
                        name: "blk.\(layer).\(part).weight",
                        rows: 1,
                        columns: hiddenSize,
                        isVector: true
                    )
                )
            }
        }
        return all
    }
}
