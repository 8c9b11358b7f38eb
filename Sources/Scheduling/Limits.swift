/// Every bound the scheduler keeps, in one place. They also bound what a `ScheduledBatch` can hold,
/// so the runner can size its buffers once, at start.
public struct Limits: Sendable, Equatable {
    /// The most sequences that run at once: bounds the entries, the sample rows and the block
    /// copies of a batch. A request takes one per choice.
    public var runningSequenceCount: Int
    /// The most tokens computed in one step, at least `runningSequenceCount`.
    public var batchedTokenCount: Int
    /// The most tokens of one sequence computed in one step, so that a long prompt leaves room for
    /// others in the step and does not make the step long for those that generate.
    public var chunkTokenCount: Int
    /// The most tokens, prompt and output together, a sequence may hold.
    public var modelLength: Int
    /// Tokens a block holds.
    public var blockSize: Int
    /// Blocks in the KV cache.
    public var blockCount: Int
    /// Blocks that admission leaves free for running sequences to grow into, so that a newcomer
    /// is not preempted a moment later. It does not hold back a sequence that would run alone.
    public var watermarkBlockCount: Int
    /// Whether sequences take turns, since two steps can run at once: on several devices, of which
    /// each computes a part of a step. See `Scheduler`.
    public var takesTurns: Bool
    /// How many requests may wait. Whoever adds requests checks this and the next limit against
    /// `Scheduler.waitingCount` and `.waitingPromptTokenCount`, and answers a client in its words.
    public var waitingRequestCount: Int
    /// How many prompt tokens may wait.
    public var waitingPromptTokenCount: Int

    /// - Parameters:
    ///   - chunkTokenCount: `batchedTokenCount` if not given.
    ///   - watermarkBlockCount: a hundredth of the blocks if not given.
    public init(
        runningSequenceCount: Int,
        batchedTokenCount: Int,
        chunkTokenCount: Int? = nil,
        modelLength: Int,
        blockSize: Int = 16,
        blockCount: Int,
        watermarkBlockCount: Int? = nil,
        takesTurns: Bool = false,
        waitingRequestCount: Int = 1024,
        waitingPromptTokenCount: Int = 1 << 20
    ) {
        self.runningSequenceCount = runningSequenceCount
        self.batchedTokenCount = batchedTokenCount
        self.chunkTokenCount = chunkTokenCount ?? batchedTokenCount
        self.modelLength = modelLength
        self.blockSize = blockSize
        self.blockCount = blockCount
        self.watermarkBlockCount = watermarkBlockCount ?? blockCount / 100
        self.takesTurns = takesTurns
        self.waitingRequestCount = waitingRequestCount
        self.waitingPromptTokenCount = waitingPromptTokenCount
    }

    /// The blocks that hold `tokenCount` tokens.
    public func blockCount(forTokens tokenCount: Int) -> Int {
        (tokenCount + blockSize - 1) / blockSize
    }

    /// The longest block table a sequence can have; a sequence's last token is never computed.
    public var blockTableCount: Int { blockCount(forTokens: modelLength - 1) }

    /// Checks that the limits leave room for any work at all.
    /// - Throws: `LimitsError` for the first that does not.
    func validate() throws(LimitsError) {
        let minimums = [
            ("runningSequenceCount", runningSequenceCount, 1),
            ("chunkTokenCount", chunkTokenCount, 1),
            ("modelLength", modelLength, 2),
            ("blockSize", blockSize, 1),
            ("blockCount", blockCount, 1),
            ("watermarkBlockCount", watermarkBlockCount, 0),
            ("waitingRequestCount", waitingRequestCount, 1),
            ("waitingPromptTokenCount", waitingPromptTokenCount, 1),
        ]
        for (name, value, minimum) in minimums where value < minimum {
            throw .tooSmall(name: name, value: value, minimum: minimum)
        }
        guard batchedTokenCount >= runningSequenceCount else {
            throw .fewerTokensThanSequences(
                tokens: batchedTokenCount,
                sequences: runningSequenceCount
            )
        }
        guard blockCount < Int(UInt32.max) else { throw .tooManyBlocks(blockCount) }
    }
}

/// Why the limits make no sense together.
public enum LimitsError: Error, Sendable, Equatable, CustomStringConvertible {
    case tooSmall(name: String, value: Int, minimum: Int)
    /// A step could not give every running sequence its next token.
    case fewerTokensThanSequences(tokens: Int, sequences: Int)
    case tooManyBlocks(Int)

    public var description: String {
        switch self {
        case .tooSmall(let name, let value, let minimum):
            "\(name) is \(value); it must be at least \(minimum)."
        case .fewerTokensThanSequences(let tokens, let sequences):
            "A step of \(tokens) tokens cannot serve \(sequences) running sequences: raise the "
                + "tokens per step or lower the running sequences."
        case .tooManyBlocks(let count):
            "\(count) KV blocks cannot be numbered with 32 bits: use larger blocks."
        }
    }
}
