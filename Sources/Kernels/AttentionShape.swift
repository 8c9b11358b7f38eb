/// How the KV cache stores keys and values.
public enum KVFormat: String, Sendable, CaseIterable {
    /// Halves.
    case f16
    /// Signed bytes and a scale, a half, for every 32 of them, as in GGUF's Q8_0.
    case q8_0

    /// What the size of a head must be a multiple of.
    public var headSizeMultiple: Int {
        switch self {
        case .f16: 8
        case .q8_0: 32
        }
    }

    /// Bytes of one token's key, or value, of one head.
    public func rowByteCount(headSize: Int) -> Int {
        switch self {
        case .f16: 2 * headSize
        case .q8_0: headSize + headSize / 32 * 2
        }
    }
}

/// The shape of attention in one layer.
public struct AttentionShape: Sendable, Equatable {
    public var headCount: Int
    public var kvHeadCount: Int
    public var headSize: Int
    /// Leading elements of a head that RoPE rotates.
    public var rotatedSize: Int
    /// Whether rotated pairs are halves apart (GPT-NeoX) or neighbours (GGUF's llama).
    public var isNeoX: Bool
    /// Tokens a KV block holds.
    public var blockSize: Int
    /// How keys and values are stored.
    public var kvFormat: KVFormat
    /// The keys a token sees, its own included: a sliding window (Beltagy et al. 2020); nil: all.
    public var window: Int?
    /// Scores become `softCap * tanh(score / softCap)` (Gemma 2); nil: they do not.
    public var softCap: Float?

    public init(
        headCount: Int,
        kvHeadCount: Int,
        headSize: Int,
        rotatedSize: Int,
        isNeoX: Bool,
        blockSize: Int,
        kvFormat: KVFormat = .f16,
        window: Int? = nil,
        softCap: Float? = nil
    ) {
        precondition(
            window ?? 1 > 0 && softCap ?? 1 > 0,
            "window \(window ?? 0), cap \(softCap ?? 0)"
        )
        self.headCount = headCount
        self.kvHeadCount = kvHeadCount
        self.headSize = headSize
        self.rotatedSize = rotatedSize
        self.isNeoX = isNeoX
        self.blockSize = blockSize
        self.kvFormat = kvFormat
        self.window = window
        self.softCap = softCap
    }

    /// Query heads that share a KV head.
    public var group: Int { headCount / kvHeadCount }

    /// Columns of a matrix of queries, keys and values side by side.
    public var qkvColumns: Int { (headCount + 2 * kvHeadCount) * headSize }

    /// Bytes one block takes in one layer's cache: tile[kvHead][k, v].
    public var blockByteCount: Int {
        kvHeadCount * 2 * blockSize * kvFormat.rowByteCount(headSize: headSize)
    }
}
