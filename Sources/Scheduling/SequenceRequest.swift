/// What the scheduler must know of a request.
public struct SequenceRequest: Sendable, Equatable {
    /// The prompt, at least one token.
    public var promptTokens: [TokenID]
    /// How choice 0 draws its tokens; choice `i` draws from `sampling.forChoice(i)`.
    public var sampling: SamplingParameters
    /// When each choice ends.
    public var stopping: StopConditions
    /// How many continuations of the prompt to generate, at least 1; they share its blocks.
    public var choiceCount: Int
    /// Lower runs first under `SchedulingPolicy.priority`; ignored under `.fcfs`.
    public var priority: Int
    /// Requests share cached blocks only with requests of the same salt.
    public var cacheSalt: String?
    /// Whether the logits of every prompt position are wanted. Such a request computes its whole
    /// prompt, hitting no cached block.
    public var wantsPromptLogprobs: Bool
    /// Whether the next token may be scheduled before the last one is known on the host. `false`
    /// when the host must look at a token to say what may follow it.
    public var allowsOverlap: Bool
    /// Whether the host must look at each token before the next may be drawn: after the first, a
    /// token is scheduled to be sampled only when `Scheduler.allow` has been told of it.
    public var isConstrained: Bool
    /// Whether its next tokens may be guessed: not where the logits a token is drawn from depend on
    /// the tokens before in ways only the host knows.
    public var allowsDrafts: Bool

    public init(
        promptTokens: [TokenID],
        sampling: SamplingParameters = SamplingParameters(),
        stopping: StopConditions,
        choiceCount: Int = 1,
        priority: Int = 0,
        cacheSalt: String? = nil,
        wantsPromptLogprobs: Bool = false,
        allowsOverlap: Bool = true,
        isConstrained: Bool = false,
        allowsDrafts: Bool = true
    ) {
        precondition(!promptTokens.isEmpty, "a request's prompt must have at least one token")
        precondition(choiceCount >= 1, "choiceCount is \(choiceCount), must be at least 1")
        self.promptTokens = promptTokens
        self.sampling = sampling
        self.stopping = stopping
        self.choiceCount = choiceCount
        self.priority = priority
        self.cacheSalt = cacheSalt
        self.wantsPromptLogprobs = wantsPromptLogprobs
        self.allowsOverlap = allowsOverlap
        self.isConstrained = isConstrained
        self.allowsDrafts = allowsDrafts
    }
}

/// Which of two sequences runs first, and so which is preempted last.
public enum SchedulingPolicy: Sendable, Equatable {
    /// The one that arrived first.
    case fcfs
    /// The one of lower `priority`; among equals, the one that arrived first.
    case priority
}

/// Why a request can never run. Nothing was queued.
public enum SchedulingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The prompt alone leaves no room for one output token.
    case promptTooLong(tokenCount: Int, modelLength: Int)
    /// The pool could not hold one of its choices even if nothing else ran.
    case tooLargeForPool(blocksNeeded: Int, blockCount: Int)
    /// More choices than sequences may run at once.
    case tooManyChoices(choiceCount: Int, limit: Int)

    public var description: String {
        switch self {
        case .promptTooLong(let count, let limit):
            "The prompt has \(count) tokens; the context length is \(limit). Shorten it."
        case .tooLargeForPool(let needed, let count):
            "The request needs \(needed) KV blocks; the pool has \(count). Lower max_tokens or "
                + "start the server with more blocks."
        case .tooManyChoices(let count, let limit):
            "\(count) choices were asked for; at most \(limit) sequences run at once. Lower n."
        }
    }
}

extension SamplingParameters {
    /// The same parameters on the random stream of a request's choice; choice 0 keeps the seed.
    ///
    /// The streams are apart because multiplying by an odd number is one-to-one.
    public func forChoice(_ choice: Int) -> SamplingParameters {
        var parameters = self
        parameters.seed ^= UInt64(choice) &* 0x9E37_79B9_7F4A_7C15
        return parameters
    }
}
