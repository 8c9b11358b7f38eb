/// One step's work: what to compute, where to put it, and what to sample (vLLM: `SchedulerOutput`).
///
/// A plain value. Its sizes are bounded by `Limits`. The runner must
/// - run the batches in order, each exactly once, starting with `copies`;
/// - in each layer, write the keys and values of all entries before any entry reads: an entry may
///   share blocks that another entry fills in this very step.
public struct ScheduledBatch: Sendable, Equatable {
    /// Counts the batches that have work in them, from 0.
    public let number: UInt64
    /// One per scheduled sequence, in the order in which they run first.
    public internal(set) var entries: [Entry] = []
    /// The input of every computed token, entry after entry.
    public internal(set) var tokens: [TokenSource] = []
    /// One per token to sample, entry after entry; a row's index is its index here.
    public internal(set) var samples: [Sample] = []
    /// Blocks to copy before anything is computed. No block is both a source and a destination,
    /// and none is a destination twice, so the order does not matter.
    public internal(set) var copies: [BlockCopy] = []
    /// The sequences that lost their blocks to make room for this step.
    public internal(set) var preempted: [SequenceID] = []

    /// Of the tokens, those that are guesses.
    public internal(set) var draftTokenCount = 0

    init(number: UInt64) {
        self.number = number
    }

    mutating func reserveCapacity(_ sequenceCount: Int) {
        entries.reserveCapacity(sequenceCount)
        tokens.reserveCapacity(sequenceCount)
        samples.reserveCapacity(sequenceCount)
    }

    /// Whether there is nothing to run; then the batch must not be completed.
    public var isEmpty: Bool { entries.isEmpty }

    /// Where the id of a token comes from.
    public enum TokenSource: Sendable, Equatable {
        case known(TokenID)
        /// It is sampled in that row of the batch before this one, which may still be running.
        case sampled(row: UInt32)
        /// It is a guess that a draft model makes before this batch runs.
        case drafted
    }

    /// A run of consecutive tokens of one sequence.
    public struct Entry: Sendable, Equatable {
        public let sequence: SequenceID
        /// Where the scheduler keeps the sequence.
        let index: Int
        /// The position of the first token to compute: how many are computed already.
        public let firstPosition: Int
        /// The run's tokens, as indices into `tokens`.
        public let tokenRange: Range<Int>
        /// The blocks of all positions up to the last one computed here.
        public let blockTable: [BlockID]
        /// Indices into `samples`: none if tokens are left to compute; several, all of them drawn
        /// from the logits of the run's last token, when a request's choices part; or one for the
        /// last known token and one for each guess.
        public let sampleRows: Range<Int>
        /// The run's last tokens, as many as this, are guesses.
        public let draftTokenCount: Int
        /// The token just before the run, where a draft model has yet to compute it.
        public let laggingToken: TokenID?
        /// Prompt positions in this run whose logits are wanted for prompt logprobs; position `i`
        /// predicts the prompt's token `i + 1`. Each position is asked for once, preempted or not.
        public let promptLogprobPositions: Range<Int>

        public var scheduledTokenCount: Int { tokenRange.count }
        /// The tokens the run's last token attends to, itself included.
        public var contextLength: Int { firstPosition + tokenRange.count }
        public var positions: Range<Int> { firstPosition..<contextLength }

        /// The slot of the KV cache that holds a position.
        public func slot(of position: Int, blockSize: Int) -> Int {
            blockTable[position / blockSize].index * blockSize + position % blockSize
        }
    }

    /// A token to sample.
    public struct Sample: Sendable, Equatable {
        public let sequence: SequenceID
        /// Where the scheduler keeps the sequence.
        var index: Int
        /// Which of the batch's tokens has the logits to draw from, as an index into `tokens`.
        public let tokenIndex: Int
        /// How many tokens the sequence has generated before: the place in its random stream.
        public let outputIndex: Int
        /// With the seed of this choice.
        public let parameters: SamplingParameters
    }
}

/// What a completed batch brought.
public struct CompletedBatch: Sendable, Equatable {
    /// A token for each row whose sequence still lives, in the order of the rows.
    public internal(set) var outputs: [Output] = []
    /// Rows whose sequence had ended or was aborted after they were scheduled, and those after a
    /// wrong guess.
    public internal(set) var discardedSampleCount = 0

    public init() {}

    /// A sequence's new token.
    public struct Output: Sendable, Equatable {
        public let sequence: SequenceID
        /// The row it was sampled in, where its logprobs are.
        public let row: Int
        public let token: TokenID
        /// Its place among the sequence's generated tokens, from 0.
        public let outputIndex: Int
        /// Prompt tokens the request found in the prefix cache when it was first admitted.
        public let cachedPromptTokenCount: Int
        /// Why the sequence ended with this token, if it did. Its blocks are released.
        public let finishReason: FinishReason?
    }
}
