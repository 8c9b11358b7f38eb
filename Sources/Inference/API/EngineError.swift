/// Why a request was not admitted. Nothing was queued.
public enum AdmissionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The prompt alone leaves no room for one output token.
    case promptTooLong(tokenCount: Int, maxModelLength: Int)
    /// The pool could never hold the request, even alone.
    case tooLargeForPool(blocksNeeded: Int, blockCount: Int)
    /// As many requests wait as may. `retryAfter` is in seconds, from the observed drain rate.
    case queueFull(waiting: Int, limit: Int, retryAfter: Int)
    /// As many prompt tokens wait as may. `retryAfter` is in seconds.
    case tokenBacklog(tokens: Int, limit: Int, retryAfter: Int)
    /// The engine is loading, draining or dead.
    case unavailable(EngineState)

    public var description: String {
        switch self {
        case .promptTooLong(let count, let limit):
            "The prompt has \(count) tokens; the context length is \(limit) tokens. Shorten it."
        case .tooLargeForPool(let needed, let count):
            "The request needs \(needed) KV blocks; the pool has \(count). Lower max_tokens or "
                + "start the server with more blocks."
        case .queueFull(let waiting, let limit, let retryAfter):
            "\(waiting) requests wait, the limit is \(limit). Try again in \(retryAfter) s."
        case .tokenBacklog(let tokens, let limit, let retryAfter):
            "\(tokens) prompt tokens wait, the limit is \(limit). Try again in \(retryAfter) s."
        case .unavailable(let state):
            "The engine takes no requests: \(state)."
        }
    }
}

/// Why the engine could not go on with an admitted request.
public enum EngineError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The device was lost while the request ran; the request may be sent again.
    case deviceLost(String)
    /// The request's deadline passed.
    case deadlineExceeded
    /// The engine shut down before the request was complete.
    case shutDown
    /// Logits were not numbers: a broken checkpoint or device.
    case invalidLogits
    /// The request's rules allow no token where one had to be drawn.
    case noTokenLeft
    /// The request's adapter was unloaded before the engine took the request.
    case adapterGone
    /// A fault of the engine's own.
    case failed(String)

    public var description: String {
        switch self {
        case .deviceLost(let detail): "The device was lost (\(detail)). Send the request again."
        case .deadlineExceeded: "The request's deadline passed."
        case .shutDown: "The server is shutting down."
        case .invalidLogits: "The model produced values that are not numbers."
        case .noTokenLeft:
            "The request's own fields leave no token to choose: allowed_token_ids, logit_bias, "
                + "bad_words and min_tokens together rule out every one."
        case .adapterGone: "The request's adapter has just been unloaded."
        case .failed(let detail): "The engine failed: \(detail)"
        }
    }
}
