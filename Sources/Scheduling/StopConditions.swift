/// When a sequence ends, as far as token ids can tell (stop strings are matched on the text,
/// outside the engine, and end a request by aborting it).
public struct StopConditions: Sendable, Equatable {
    /// The most tokens to generate, at least 1.
    public var maxTokens: Int
    /// No stop token is drawn before this many tokens were generated.
    public var minTokens: Int
    /// Generated tokens that end the sequence: the caller's own and, unless the request ignores
    /// them, the model's end-of-sequence tokens.
    public var stopTokens: Set<TokenID>

    public init(maxTokens: Int, minTokens: Int = 0, stopTokens: Set<TokenID> = []) {
        precondition(maxTokens >= 1, "maxTokens is \(maxTokens), must be at least 1")
        self.maxTokens = maxTokens
        self.minTokens = minTokens
        self.stopTokens = stopTokens
    }
}

/// Why a sequence ended.
public enum FinishReason: Sendable, Hashable {
    /// It generated a stop token.
    case stop(TokenID)
    /// It reached `maxTokens` or the model's context length.
    case length
    /// Its client went away, its deadline passed, or the engine is shutting down.
    case aborted
}
