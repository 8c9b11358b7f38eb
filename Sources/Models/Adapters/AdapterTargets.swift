import Checkpoints
import Kernels

/// How many adapters a model makes room for.
public struct AdapterLimits: Sendable, Equatable {
    /// The greatest rank that is supported at all.
    public static let greatestRank = 256

    /// Adapters that may be loaded at once.
    public var count: Int
    /// The greatest rank of one.
    public var maxRank: Int

    public init(count: Int = 1, maxRank: Int = 16) {
        precondition(
            count > 0 && (1...Self.greatestRank).contains(maxRank),
            "\(count) adapters of rank \(maxRank)"
        )
        self.count = count
        self.maxRank = maxRank
    }

    /// `maxRank`, or the next rank that kernels take.
    var storedRank: Int { AdapterLimits.storedRank(maxRank) }

    /// A rank as it is stored: with rows of zeros up to a multiple of eight.
    static func storedRank(_ rank: Int) -> Int {
        let unit = LoRAStack.rowGranularity
        return (rank + unit - 1) / unit * unit
    }
}

/// Where in a layer adapters change something: matrices over one input.
enum AdaptedPlace: Int, CaseIterable {
    /// Queries, keys and values.
    case attentionInput
    case attentionOutput
    /// Gate and up.
    case feedForwardInput
    case feedForwardOutput
}

/// The matrices of a model that adapters may change, and what must be known of them to read an
/// adapter.
public struct AdapterTargets: Sendable {
    /// A matrix.
    struct Matrix: Sendable {
        /// GGUF's name for it, without the layer.
        let part: String
        let rows: Int
        /// Heads whose rows GGUF files have in another order than folders; nil: the orders are one.
        let permutedHeads: Int?
    }

    let architecture: Architecture
    let layerCount: Int
    let convention: CheckpointConvention
    private let matrices: [[Matrix]]
    private let columns: [Int]

    init(
        _ c: ModelConfiguration,
        _ architecture: Architecture,
        _ convention: CheckpointConvention
    ) {
        self.architecture = architecture
        self.convention = convention
        layerCount = c.layerCount
        let queryRows = c.headCount * c.headSize
        let kvRows = c.kvHeadCount * c.headSize
        func matrix(_ part: String, _ rows: Int, heads: Int? = nil) -> Matrix {
            let isPermuted = architecture.rotatesNeighboursInGGUF
            return Matrix(part: part, rows: rows, permutedHeads: isPermuted ? heads : nil)
        }
        let (hidden, inner) = (c.hiddenSize, c.intermediateSize)
        let attention =
            architecture.isFused
            ? [matrix("attn_qkv", queryRows + 2 * kvRows)]
            : [
                matrix("attn_q", queryRows, heads: c.headCount),
                matrix("attn_k", kvRows, heads: c.kvHeadCount), matrix("attn_v", kvRows),
            ]
        let gateUp =
            architecture.isFused
            ? [matrix("ffn_up", 2 * inner)]
            : [matrix("ffn_gate", inner), matrix("ffn_up", inner)]
        let isMixture = architecture.isMixture
        matrices = [
            attention, [matrix("attn_output", hidden)], isMixture ? [] : gateUp,
            isMixture ? [] : [matrix("ffn_down", hidden)],
        ]
        columns = [hidden, queryRows, hidden, inner]
    }

    /// Those of a checkpoint, told from its metadata.
    /// - Throws: `ModelError` or `MetadataError`.
    public init(_ file: any ModelCheckpoint) throws {
        let architecture = try Architectures.named(
            file.metadata.string("general.architecture"),
            file: file.path
        )
        let rows = file.tensor(named: "token_embd.weight")?.shape.first
        self.init(
            try ModelConfiguration(file.metadata, vocabularySize: rows ?? 0),
            architecture,
            file.convention
        )
    }

    /// The matrices of a place, in the order of their outputs.
    func matrices(of place: AdaptedPlace) -> [Matrix] { matrices[place.rawValue] }

    /// The width of a place's input.
    func columns(of place: AdaptedPlace) -> Int { columns[place.rawValue] }

    /// The matrix of GGUF's name, such as `blk.0.attn_q`.
    func find(_ name: String) -> (matrix: Matrix, columns: Int)? {
        let words = name.split(separator: ".", omittingEmptySubsequences: false)
        guard words.count == 3, words[0] == "blk", let layer = Int(words[1]),
            (0..<layerCount).contains(layer), "\(layer)" == words[1]
        else { return nil }
        for place in AdaptedPlace.allCases {
            for matrix in matrices(of: place) where matrix.part == words[2] {
                return (matrix, columns(of: place))
            }
        }
        return nil
    }

    /// What can be changed, in the words of folders, for messages.
    var supported: [String] {
        let names = HubNames(architecture) { _ in false }
        return AdaptedPlace.allCases.flatMap { matrices(of: $0) }.map {
            names.module(ofPart: $0.part) ?? $0.part
        }
    }

    /// Bytes that an adapter of a rank takes at most.
    func byteCount(rank: Int) -> Int {
        let floats = AdaptedPlace.allCases.reduce(0) { sum, place in
            matrices(of: place).reduce(sum) {
                $0 + AdapterLimits.storedRank(rank)
                    * (columns(of: place) + AdapterLimits.storedRank($1.rows))
            }
        }
        return 4 * floats * layerCount
    }
}
