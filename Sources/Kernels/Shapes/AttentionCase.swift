/// One batch of attention, to be tested against the reference or timed.
public struct AttentionCase: Sendable, Hashable, CustomStringConvertible {
    /// One sequence's part of the batch.
    public struct Run: Sendable, Hashable {
        /// Tokens computed in this batch.
        public let tokenCount: Int
        /// Tokens the last of them sees, itself included.
        public let contextLength: Int

        public init(tokenCount: Int, contextLength: Int) {
            precondition(
                tokenCount > 0 && tokenCount <= contextLength,
                "\(tokenCount) tokens of \(contextLength)"
            )
            self.tokenCount = tokenCount
            self.contextLength = contextLength
        }
    }

    public let headCount: Int
    public let kvHeadCount: Int
    public let headSize: Int
    public let blockSize: Int
    public var kvFormat: KVFormat
    public var window: Int?
    public var softCap: Float?
    /// Whether each head has a sink.
    public var hasSinks: Bool
    public var runs: [Run]

    public init(
        headCount: Int,
        kvHeadCount: Int,
        headSize: Int,
        blockSize: Int = 16,
        kvFormat: KVFormat = .f16,
        window: Int? = nil,
        softCap: Float? = nil,
        hasSinks: Bool = false,
        runs: [Run]
    ) {
        self.headCount = headCount
        self.kvHeadCount = kvHeadCount
        self.headSize = headSize
        self.blockSize = blockSize
        self.kvFormat = kvFormat
        self.window = window
        self.softCap = softCap
        self.hasSinks = hasSinks
        self.runs = runs
    }

    public var description: String {
        let runs = runs.map { "\($0.tokenCount) of \($0.contextLength)" }.joined(separator: ", ")
        let heads = "heads \(headCount)/\(kvHeadCount) of \(headSize)"
        let features =
            (window.map { ", window \($0)" } ?? "") + (softCap.map { ", cap \($0)" } ?? "")
            + (hasSinks ? ", sinks" : "")
        return "\(heads), blocks of \(blockSize) in \(kvFormat)\(features): \(runs)"
    }

    /// The layer's shape; the kernels of attention do not look at what RoPE rotates.
    public var shape: AttentionShape {
        AttentionShape(
            headCount: headCount,
            kvHeadCount: kvHeadCount,
            headSize: headSize,
            rotatedSize: headSize,
            isNeoX: false,
            blockSize: blockSize,
            kvFormat: kvFormat,
            window: window,
            softCap: softCap
        )
    }

    public var tokenCount: Int { runs.reduce(0) { $0 + $1.tokenCount } }

    /// Multiplications and additions, of the keys a token sees and no more.
    public var flopCount: Int {
        runs.reduce(0) { sum, run in
            let seen = (run.contextLength - run.tokenCount + 1...run.contextLength).reduce(0) {
                $0 + min($1, window ?? $1)
            }
            return sum + 4 * seen * headCount * headSize
        }
    }

    /// The same with keys and values stored otherwise.
    func stored(as kvFormat: KVFormat) -> AttentionCase {
        var other = self
        other.kvFormat = kvFormat
        return other
    }
}
