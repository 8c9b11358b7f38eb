import Tokenization

/// What one method of one path takes and gives.
struct APIOperation: Sendable {
    var method: String
    var path: String
    var summary: String
    /// The name of the body's schema; nil where there is no body.
    var request: String?
    /// The name of the schema of a good answer; nil for one without a body.
    var answer: String?
    /// What the events of a streamed answer are, where there is one.
    var event: String?
    /// The media type of an answer that is no JSON.
    var mediaType = "application/json"
    /// Statuses of errors, with the schema of `error`.
    var errors: [Int]
    var error = "Error"
    /// A number that its query may have, and what that is for; where it does, it may answer 202.
    var query: (name: String, description: String)?
    /// Whether it is a probe, which needs no key and may answer 503.
    var isOpen = false

    private static let posts = [400, 404, 413, 415]
    private static let generations = posts + [429, 503, 504]

    private static let unstored = "Always 404: this server stores no responses."

    static let all: [Self] = [
        .init("get", "/v1/models", "The served model under each of its names.", "ModelList"),
        .init("get", "/v1/models/{model}", "The model under one name.", "Model", errors: [404]),
        .init(
            post: "/v1/completions",
            "Text that goes on from a prompt.",
            "CompletionRequest",
            "Completion",
            event: "Completion"
        ),
        .init(
            post: "/v1/chat/completions",
            "The next message of a chat.",
            "ChatCompletionRequest",
            "ChatCompletion",
            event: "ChatCompletionChunk"
        ),
        .init(
            post: "/v1/responses",
            "OpenAI's newer form of a chat; nothing is stored.",
            "ResponseRequest",
            "Response",
            event: "ResponseEvent"
        ),
        .init("get", "/v1/responses/{response}", unstored, nil, errors: [404]),
        .init("delete", "/v1/responses/{response}", unstored, nil, errors: [404]),
        .init(
            post: "/v1/messages",
            "Anthropic's form of a chat.",
            "MessagesRequest",
            "Message",
            event: "MessageEvent",
            error: "AnthropicError"
        ),
        .init(
            post: "/v1/messages/count_tokens",
            "How many tokens a message's prompt has.",
            "CountTokensRequest",
            "TokenCount",
            errors: posts,
            error: "AnthropicError"
        ),
        .init(
            post: "/v1/embeddings",
            "Hidden states, pooled; 400 without --pooling.",
            "EmbeddingRequest",
            "EmbeddingList"
        ),
        .init(
            post: "/tokenize",
            "The tokens of a text or a chat.",
            "TokenizeRequest",
            "Tokenization",
            errors: posts
        ),
        .init(
            post: "/detokenize",
            "The text of tokens.",
            "DetokenizeRequest",
            "Detokenization",
            errors: posts
        ),
        .init("get", "/version", "The server's version.", "Version"),
        .init("get", "/load", "Requests being answered.", "Load"),
        .init(
            "post",
            "/drain",
            "No new requests from now on; those in flight end.",
            "Drain",
            errors: [400],
            query: ("wait", "Seconds to wait until no request is left; 202 if some still are.")
        ),
        .init("get", "/openapi.json", "This document.", "Document"),
        .init(probe: "/health", "200 unless the engine has failed."),
        .init(probe: "/livez", "As /health."),
        .init(probe: "/ping", "As /health."),
        .init(probe: "/ping", method: "post", "As /health."),
        .init(probe: "/readyz", "200 when a request would be served.", "Report"),
        .init(probe: "/startupz", "200 once the model is loaded.", "Report"),
        .init(probe: "/metrics", "Prometheus metrics.", "Text", mediaType: "text/plain"),
    ]

    private init(
        _ method: String,
        _ path: String,
        _ summary: String,
        _ answer: String?,
        errors: [Int] = [],
        query: (name: String, description: String)? = nil
    ) {
        (self.method, self.path, self.summary) = (method, path, summary)
        (self.answer, self.errors, self.query) = (answer, errors, query)
    }

    private init(
        post path: String,
        _ summary: String,
        _ request: String,
        _ answer: String?,
        event: String? = nil,
        errors: [Int] = generations,
        error: String = "Error"
    ) {
        self.init("post", path, summary, answer, errors: errors)
        (self.request, self.event, self.error) = (request, event, error)
    }

    private init(
        probe path: String,
        method: String = "get",
        _ summary: String,
        _ answer: String? = nil,
        mediaType: String = "application/json"
    ) {
        self.init(method, path, summary, answer)
        (self.mediaType, isOpen) = (mediaType, true)
    }
}
