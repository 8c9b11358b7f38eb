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
    /// Statuses of good answers.
    var successes = [200]
    /// A parameter of the query, a number that may be left out.
    var query: String?
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
        .drain,
        .init("get", "/openapi.json", "This document.", "Document"),
        .init(probe: "/health", "200 unless the engine has failed."),
        .init(probe: "/livez", "As /health."),
        .init(probe: "/ping", "As /health."),
        .init(probe: "/ping", method: "post", "As /health."),
        .init(probe: "/readyz", "200 when a request would be served.", "Report"),
        .init(probe: "/startupz", "200 once the model is loaded.", "Report"),
        .init(probe: "/metrics", "Prometheus metrics.", "Text", mediaType: "text/plain"),
    ]

    /// Those that are there only where the server allows them.
    static let adapters = [
        ("load", "Loads an adapter from a path on the server's machine.", "LoadAdapterRequest"),
        ("unload", "Offers an adapter no longer.", "UnloadAdapterRequest"),
    ].map { verb, summary, request in
        var operation = Self(
            post: "/v1/\(verb)_lora_adapter",
            summary,
            request,
            "Text",
            errors: posts + [503]
        )
        operation.mediaType = "text/plain"
        return operation
    }

    private static let drain = {
        var drain = Self(
            "post",
            "/drain",
            "Takes no new requests; 202 while some are left after `wait` seconds.",
            "DrainReport",
            errors: [400]
        )
        drain.successes = [200, 202]
        drain.query = "wait"
        return drain
    }()

    private init(
        _ method: String,
        _ path: String,
        _ summary: String,
        _ answer: String?,
        errors: [Int] = []
    ) {
        (self.method, self.path, self.summary) = (method, path, summary)
        (self.answer, self.errors) = (answer, errors)
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
