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
    public let kvFormat: KVFormat
    public let runs: [Run]

    public init(
        headCount: Int,
        kvHeadCount: Int,
        headSize: Int,
        blockSize: Int = 16,
        kvFormat: KVFormat = .f16,
        runs: [Run]
    ) {
        self.headCount = headCount
        self.kvHeadCount = kvHeadCount
        self.headSize = headSize
        self.blockSize = blockSize
        self.kvFormat = kvFormat
        self.runs = runs
    }

    public var description: String {
        let runs = runs.map { "\($0.tokenCount) of \($0.contextLength)" }.joined(separator: ", ")
        let heads = "heads \(headCount)/\(kvHeadCount) of \(headSize)"
        return "\(heads), blocks of \(blockSize) in \(kvFormat): \(runs)"
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
            kvFormat: kvFormat
        )
    }

    public var tokenCount: Int { runs.reduce(0) { $0 + $1.tokenCount } }

    /// Multiplications and additions, of the keys a token sees and no more.
    public var flopCount: Int {
        runs.reduce(0) { sum, run in
            let firstSeen = run.contextLength - run.tokenCount + 1
            let pairs = run.tokenCount * (firstSeen + run.contextLength) / 2
            return sum + 4 * pairs * headCount * headSize
        }
    }

    /// The same with keys and values stored otherwise.
    func stored(as kvFormat: KVFormat) -> AttentionCase {
        AttentionCase(
            headCount: headCount,
            kvHeadCount: kvHeadCount,
            headSize: headSize,
            blockSize: blockSize,
            kvFormat: kvFormat,
            runs: runs
        )
    }

    /// Single tokens and prompts at and around a block's and a tile's edges, every head layout,
    /// batches of everything at once; all in every KV format that can hold them.
    public static let awkward: [AttentionCase] = {
        let single = [1, 15, 16, 17, 33, 500].map { Run(tokenCount: 1, contextLength: $0) }
        let prompts = [2, 3, 15, 16, 17, 31, 33].map { Run(tokenCount: $0, contextLength: $0) }
        let chunks = [(7, 40), (16, 33), (33, 100), (1, 64)].map {
            Run(tokenCount: $0.0, contextLength: $0.1)
        }
        let alone = (single + prompts + chunks).map {
            AttentionCase(headCount: 9, kvHeadCount: 3, headSize: 64, runs: [$0])
        }
        let mixed = single + chunks + prompts
        let layouts = [(1, 1), (9, 3), (8, 8), (32, 8), (7, 1)].map {
            AttentionCase(headCount: $0.0, kvHeadCount: $0.1, headSize: 64, runs: mixed)
        }
        let sizes = [80, 96, 128, 256].map {
            AttentionCase(headCount: 6, kvHeadCount: 2, headSize: $0, runs: mixed)
        }
        let blocks = [4, 32, 64].map {
            AttentionCase(headCount: 4, kvHeadCount: 2, headSize: 64, blockSize: $0, runs: mixed)
        }
        let all = alone + layouts + sizes + blocks
        return KVFormat.allCases.flatMap { format in
            all.filter { $0.headSize % format.headSizeMultiple == 0 }
                .map { $0.stored(as: format) }
        }
    }()

    /// A prompt, single tokens at a long context, and both at once.
    public static let typical: [AttentionCase] = {
        let prompt = Run(tokenCount: 512, contextLength: 512)
        let single = Run(tokenCount: 1, contextLength: 1000)
        return [[prompt], [single], [Run](repeating: single, count: 16), [prompt, single]].flatMap {
            runs in
            [(9, 3, 64), (32, 8, 128)].map {
                AttentionCase(headCount: $0.0, kvHeadCount: $0.1, headSize: $0.2, runs: runs)
            }
        }
    }()
}
