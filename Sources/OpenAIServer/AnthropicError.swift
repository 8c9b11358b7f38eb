import HTTPTypes
import Hummingbird

/// An error in Anthropic's shape: `{"type":"error","error":{"type","message"}}`. The status stays
/// the one that OpenAI's clients get.
struct AnthropicError: Encodable, Sendable {
    let type = "error"
    let error: Detail

    struct Detail: Encodable, Sendable {
        var type: String
        var message: String
    }

    init(_ error: OpenAIError) {
        let type =
            switch error.status.code {
            case 401: "authentication_error"
            case 403: "permission_error"
            case 404: "not_found_error"
            case 413: "request_too_large"
            case 429: "rate_limit_error"
            case 503: "overloaded_error"
            case 504: "timeout_error"
            case 500...: "api_error"
            default: "invalid_request_error"
            }
        self.error = Detail(type: type, message: error.message)
    }

    /// Whether the clients of a path expect this shape.
    static func isExpected(at path: String) -> Bool {
        path == "/v1/messages" || path.hasPrefix("/v1/messages/")
    }
}
