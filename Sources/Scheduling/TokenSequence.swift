/// The live state of one continuation of a request.
///
/// Its tokens, and how far each count reaches:
///
///     |      prompt       |      generated       | pending |
///     |<------------- tokens (ids known) ------->|
///     |<-------------------- tokenCount ------------------>|
///     |<--- computedTokenCount --->|   still to compute    |
///     |<---- blockTable: just enough ---->|
///
/// `computedTokenCount` counts what has been *scheduled* to be computed: the device runs the steps
/// in order, so for every later step it is as good as computed. A pending token has been scheduled
/// to be sampled and is not known yet.
public struct TokenSequence: Sendable {
    /// Where a sequence stands. A preempted one is waiting again.
    public enum Status: Sendable, Equatable {
        case waiting
        case running
        case finished(FinishReason)
    }

    public internal(set) var id: SequenceID
    public internal(set) var status = Status.waiting
    /// The prompt and what was generated, as far as known.
    public internal(set) var tokens: [TokenID]
    public let promptTokenCount: Int
    public internal(set) var computedTokenCount = 0
    /// The blocks of the computed positions, no more.
    public internal(set) var blockTable: [BlockID] = []
    /// Prompt tokens found in the prefix cache at the first admission; `nil` before.
    public internal(set) var cachedPromptTokenCount: Int?

    let priority: Int
    let stopping: StopConditions
    /// The most tokens it may hold: by `maxTokens` and by the model's length.
    let lengthLimit: Int
    let allowsOverlap: Bool
    /// How many tokens the host lets it generate so far.
    var allowedOutputCount: Int
    /// The parameters of choice 0.
    let sampling: SamplingParameters
    /// The request's other choices, until this one has computed the prompt for them.
    var unforkedChoices: [Int]

    /// Tokens being sampled: at most one per batch in flight, or all that follow `drafts`.
    var pendingTokenCount = 0
    /// The batch and row the last pending token is sampled in.
    var pendingBatch: UInt64 = 0
    var pendingRow: UInt32 = 0

    /// Makes guesses of its next tokens; `nil` if nobody wants them, or a draft model makes them.
    var lookup: PromptLookup?
    /// How many guesses a draft model makes; `nil` if it makes none.
    var draftCount: DraftCount?
    /// The guesses a batch in flight checks: computed, but no tokens of the sequence yet. Those of
    /// a draft model are `unknownDraft` until that batch is completed.
    var drafts: [TokenID] = []
    /// Those of them that are known to be right.
    var acceptedDraftCount = 0
    /// Computed tokens that the draft model has yet to compute, 0 or 1: its last guess, from which
    /// it had nothing to guess any more.
    var draftModelLag = 0

    /// Hashes of the first full blocks of known tokens, as far as anybody asked for them.
    var blockHashes: [BlockHash] = []
    /// The parent of its first block's hash.
    let rootHash: BlockHash
    /// How many of the table's blocks were handed to the prefix cache or came from it.
    var registeredBlockCount = 0
    /// Prompt positions whose logits are still wanted.
    var promptLogprobPositions: Range<Int>

    init(
        _ request: SequenceRequest,
        id: SequenceID,
        lengthLimit: Int,
        rootHash: BlockHash,
        drafting: DraftPolicy?
    ) {
        self.id = id
        if request.allowsDrafts, let drafting {
            switch drafting.source {
            case .lookup(let lengths):
                lookup = PromptLookup(
                    lengths: lengths,
                    draftTokenCount: drafting.draftTokenCount
                )
            case .model: draftCount = DraftCount(most: drafting.draftTokenCount)
            }
        }
        self.lengthLimit = lengthLimit
        self.rootHash = rootHash
        tokens = request.promptTokens
        promptTokenCount = request.promptTokens.count
        priority = request.priority
        stopping = request.stopping
        allowsOverlap = request.allowsOverlap
        allowedOutputCount = request.isConstrained ? 1 : .max
        sampling = request.sampling
        unforkedChoices = Array(1..<request.choiceCount)
        promptLogprobPositions =
            request.wantsPromptLogprobs ? 0..<promptTokenCount - 1 : 0..<0
    }

    /// All its tokens, pending ones included.
    public var tokenCount: Int { tokens.count + pendingTokenCount }

    /// Generated tokens, pending ones included.
    public var outputTokenCount: Int { tokenCount - promptTokenCount }
}
