public import Scheduling

/// How a request changes the logits before its tokens are drawn from them, in vLLM's order: what
/// may not be drawn at all, then the bias, then the penalties.
///
/// Logprobs are those of the raw logits, whatever the rules say.
public struct LogitRules: Sendable, Equatable {
    /// Divides the positive logits of tokens that the prompt or the output has, and multiplies
    /// their negative ones; 1 changes nothing.
    public var repetitionPenalty: Float
    /// Subtracted from the logits of tokens that the output has.
    public var presencePenalty: Float
    /// Subtracted from a token's logit for each time the output has it.
    public var frequencyPenalty: Float
    /// Added to the logits of tokens.
    public var bias: [TokenID: Float]
    /// The only tokens that may be drawn; nil for all.
    public var allowedTokens: [TokenID]?
    /// Runs of tokens the output may not contain: the last token of one is not drawn where the
    /// output ends with the others.
    public var bannedRuns: [[TokenID]]

    public init(
        repetitionPenalty: Float = 1,
        presencePenalty: Float = 0,
        frequencyPenalty: Float = 0,
        bias: [TokenID: Float] = [:],
        allowedTokens: [TokenID]? = nil,
        bannedRuns: [[TokenID]] = []
    ) {
        self.repetitionPenalty = repetitionPenalty
        self.presencePenalty = presencePenalty
        self.frequencyPenalty = frequencyPenalty
        self.bias = bias
        self.allowedTokens = allowedTokens
        self.bannedRuns = bannedRuns
    }

    /// Whether logits stay as they are.
    public var isEmpty: Bool { self == LogitRules() }

    /// Whether they depend on the tokens of the output.
    var penalisesOutput: Bool {
        repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0
    }
}
