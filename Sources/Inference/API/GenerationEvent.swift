public import Scheduling

/// A token and the natural logarithm of its probability under the raw logits (before temperature,
/// as vLLM's `raw_logprobs`).
public struct TokenLogprob: Sendable, Equatable {
    public var token: TokenID
    public var logprob: Float
    /// How many tokens are at least as probable, itself among them.
    public var rank: Int

    public init(token: TokenID, logprob: Float, rank: Int) {
        self.token = token
        self.logprob = logprob
        self.rank = rank
    }
}

/// The logprobs of one position.
public struct PositionLogprobs: Sendable, Equatable {
    /// The token that stands at the position.
    public var chosen: TokenLogprob
    /// The most probable tokens there, best first.
    public var top: [TokenLogprob]

    public init(chosen: TokenLogprob, top: [TokenLogprob]) {
        self.chosen = chosen
        self.top = top
    }
}

/// One generated token.
public struct GeneratedToken: Sendable, Equatable {
    public var id: TokenID
    /// Present when the request asked for logprobs.
    public var logprobs: PositionLogprobs?

    public init(id: TokenID, logprobs: PositionLogprobs? = nil) {
        self.id = id
        self.logprobs = logprobs
    }
}

/// What the engine tells a request's stream. A stream carries one `.prompt`, then the tokens of its
/// choices, interleaved, then one `.finished` for each choice, and ends; or a `.failed` at any
/// point, and ends.
public enum GenerationEvent: Sendable {
    /// The prompt has been computed. `cachedTokenCount` of its tokens came from the prefix cache;
    /// `logprobs[i]` belongs to prompt position `i + 1`, empty unless asked for.
    case prompt(cachedTokenCount: Int, logprobs: [PositionLogprobs])
    /// The prompt's hidden states, pooled, if that was asked for; right after `prompt`.
    case embedding([Float])
    /// Choice `choice` grew by a token. A stop token that ends the choice is delivered too.
    case token(choice: Int, GeneratedToken)
    /// Choice `choice` is complete.
    case finished(choice: Int, FinishReason)
    /// The engine could not go on with this request.
    case failed(EngineError)
}
