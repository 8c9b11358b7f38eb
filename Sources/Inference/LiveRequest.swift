import Models
import Scheduling

/// A request between its admission and its last event.
struct LiveRequest {
    let ticket: Ticket
    let request: GenerationRequest
    let events: AsyncStream<GenerationEvent>.Continuation
    let arrival: ContinuousClock.Instant
    let deadline: ContinuousClock.Instant?
    /// When a step first computed some of it.
    var firstScheduled: ContinuousClock.Instant?
    var firstToken: ContinuousClock.Instant?
    /// When each choice last grew.
    var lastToken: [Int: ContinuousClock.Instant] = [:]
    var generatedCounts: [Int: Int] = [:]
    /// How often a choice of it was preempted.
    var preemptionCount = 0
    var promptLogprobs: [PositionLogprobs] = []
    /// The hidden states so far, if it pools them.
    var pool = Pool()
    var unfinishedChoiceCount: Int
    /// The only tokens its rules let be drawn; one mask for all its steps.
    let allowedTokens: TokenMask?
    /// What its constraint lets each choice go on with, after its first token.
    private var constraints: [Int: TokenMask] = [:]
    /// The same for the first token of every choice.
    private let firstConstraint: TokenMask?

    init(_ submitted: Submitted, vocabularySize: Int) {
        ticket = submitted.ticket
        request = submitted.request
        events = submitted.events
        arrival = submitted.arrival
        deadline = submitted.request.deadline.map { submitted.arrival + $0 }
        unfinishedChoiceCount = submitted.request.choiceCount
        allowedTokens = submitted.request.rules.allowedTokens.map { tokens in
            TokenMask(
                vocabularySize: vocabularySize,
                allowing: tokens.filter { $0 < vocabularySize }
            )
        }
        firstConstraint = submitted.request.firstMask.map { [allowedTokens] words in
            TokenMask(words, vocabularySize: vocabularySize, intersecting: allowedTokens)
        }
    }

    /// Takes in what its constraint lets a choice go on with.
    mutating func allow(_ tokens: AllowedTokens, vocabularySize: Int) {
        constraints[tokens.choice] = TokenMask(
            tokens.words,
            vocabularySize: vocabularySize,
            intersecting: allowedTokens
        )
    }

    /// The tokens from which a choice's next one is drawn, if they are constrained.
    func constraint(ofChoice choice: Int) -> TokenMask? {
        constraints[choice] ?? firstConstraint
    }

    /// What keeps its cached blocks apart from others': its own salt, and its adapter, with which
    /// the same tokens have other keys and values.
    private var cacheSalt: String? {
        let own = request.cacheSalt.map { "salt \($0)" }
        guard let adapter = request.adapter else { return own }
        return "adapter \(adapter.rawValue) \(own ?? "")"
    }

    /// What the scheduler must know of it.
    var sequenceRequest: SequenceRequest {
        SequenceRequest(
            promptTokens: request.promptTokens,
            sampling: request.sampling,
            stopping: request.stopping,
            choiceCount: request.choiceCount,
            priority: request.priority,
            cacheSalt: cacheSalt,
            // A mean is of every position too.
            wantsPromptLogprobs: request.promptLogprobCount != nil || request.pooling == .mean,
            isConstrained: request.firstMask != nil,
            allowsDrafts: !request.editsLogits && request.pooling == nil
        )
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
