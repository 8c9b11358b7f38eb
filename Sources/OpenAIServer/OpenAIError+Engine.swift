import HTTPTypes
import Inference

extension OpenAIError {
    /// Why the engine did not take a request, in vLLM's words.
    init(_ error: AdmissionError) {
        switch error {
        case .promptTooLong(let count, let limit):
            self = .promptTooLong(tokenCount: count, limit: limit)
        case .tooLargeForPool:
            self = .badRequest("max_tokens", error.description)
        case .queueFull(_, _, let retryAfter):
            self.init(
                .tooManyRequests,
                retryAfter: retryAfter,
                "The engine is currently busy and cannot accept new requests. Please try again "
                    + "later or on a different instance."
            )
        case .tokenBacklog(_, _, let retryAfter):
            self.init(
                .tooManyRequests,
                retryAfter: retryAfter,
                "The engine has reached its prefill token backlog limit. Please try again later or "
                    + "on a different instance."
            )
        case .unavailable(.loading(let progress)):
            self.init(
                .serviceUnavailable,
                retryAfter: 5,
                "The model is loading (\(Int(progress * 100)) %). Please try again later."
            )
        case .unavailable(.failed):
            self.init(
                .serviceUnavailable,
                retryAfter: 30,
                "The engine has failed. Please try again later or on a different instance."
            )
        case .unavailable(.draining), .unavailable(.ready):
            self = .shuttingDown
        }
    }

    /// Why the engine gave up a request it had taken.
    init(_ error: EngineError) {
        switch error {
        case .deviceLost:
            self.init(
                .serviceUnavailable,
                retryAfter: 1,
                "The device was lost while the request ran. Please send it again."
            )
        case .deadlineExceeded:
            self.init(.gatewayTimeout, "The request took longer than this server allows.")
        case .shutDown:
            self = .shuttingDown
        case .invalidLogits:
            self = .internalError(error.description)
        case .noTokenLeft:
            self = .badRequest(nil, error.description)
        case .adapterGone:
            self.init(.notFound, type: "NotFoundError", param: "model", error.description)
        case .failed:
            // The detail is for the log: it can name files and addresses.
            self = .internalError("The engine failed.")
        }
    }

    /// The prompt leaves no room for a token of output.
    static func promptTooLong(tokenCount: Int, limit: Int) -> Self {
        .badRequest(
            "input_tokens",
            "This model's maximum context length is \(limit) tokens. However, your prompt contains "
                + "at least \(tokenCount) input tokens, which "
                + "\(tokenCount > limit ? "exceeds" : "reaches") this limit even without any "
                + "output tokens. Please reduce the length of the input prompt. "
                + "(parameter=input_tokens, value=\(tokenCount))"
        )
    }

    /// The prompt's text alone shows that it cannot fit, whatever its tokens are.
    static func textTooLong(byteCount: Int, limit: Int) -> Self {
        .badRequest(
            "input_text",
            "This model's maximum context length is \(limit) tokens. However, your prompt contains "
                + "\(byteCount) bytes of text, which cannot fit into it. Please reduce the length "
                + "of the input prompt. (parameter=input_text, value=\(byteCount))"
        )
    }
}
