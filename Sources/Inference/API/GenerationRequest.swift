public import Scheduling

/// What a client asked for, ready for the engine: token ids and parameters, nothing of HTTP or
/// text.
public struct GenerationRequest: Sendable {
    /// The prompt, at least one token.
    public var promptTokens: [TokenID]
    /// How tokens are chosen. Choice `i` of `choiceCount` draws from its own stream of the seed.
    public var sampling: SamplingParameters
    /// How the logits change before that.
    public var rules: LogitRules
    /// Set for a constrained output: the tokens from which its first one is drawn, token `t` being
    /// bit `t % 32` of word `t / 32`. Before each later one the reader of the stream says what may
    /// come, with `GenerationStream.allow`.
    public var firstMask: [UInt32]?
    /// When each choice ends.
    public var stopping: StopConditions
    /// How many continuations of the prompt to generate (`n` in the OpenAI API); they share the
    /// prompt's blocks.
    public var choiceCount: Int
    /// `nil` for no logprobs; otherwise each generated token carries its own logprob and those of
    /// the `logprobCount` most probable tokens at its position (0 for the chosen token's alone).
    public var logprobCount: Int?
    /// The same for every prompt position but the first, whose token nothing predicts.
    public var promptLogprobCount: Int?
    /// Set for an embedding of the prompt; generates one token besides, which nobody wants.
    public var pooling: Pooling?
    /// Lower runs first under the priority policy (vLLM's convention); ignored under fcfs.
    public var priority: Int
    /// Requests share cached prefixes only with requests of the same salt.
    public var cacheSalt: String?
    /// The adapter that the model has for it; nil for none. One that the engine has no longer ends
    /// the request with `EngineError.adapterGone`.
    public var adapter: AdapterID?
    /// Seconds after which the request is aborted; `nil` for none.
    public var deadline: Duration?

    public init(
        promptTokens: [TokenID],
        sampling: SamplingParameters = SamplingParameters(),
        rules: LogitRules = LogitRules(),
        firstMask: [UInt32]? = nil,
        stopping: StopConditions,
        choiceCount: Int = 1,
        logprobCount: Int? = nil,
        promptLogprobCount: Int? = nil,
        pooling: Pooling? = nil,
        priority: Int = 0,
        cacheSalt: String? = nil,
        adapter: AdapterID? = nil,
        deadline: Duration? = nil
    ) {
        self.promptTokens = promptTokens
        self.sampling = sampling
        self.rules = rules
        self.firstMask = firstMask
        self.stopping = stopping
        self.choiceCount = choiceCount
        self.logprobCount = logprobCount
        self.promptLogprobCount = promptLogprobCount
        self.pooling = pooling
        self.priority = priority
        self.cacheSalt = cacheSalt
        self.adapter = adapter
        self.deadline = deadline
    }
}
