import Foundation

/// The body of a streamed request, as a client of the API writes it.
struct RequestBody: Encodable, Sendable {
    /// One turn of a conversation.
    struct Message: Codable, Sendable, Equatable {
        var role: String
        var content: String
    }

    /// What is left out keeps the server's default.
    struct Sampling: Encodable, Sendable {
        var temperature: Double?
        var topP: Double?
        var topK: Int?
        var minP: Double?
        var repetitionPenalty: Double?
        var maxTokens: Int?
        var seed: Int?
        var stop: [String]?

        enum CodingKeys: String, CodingKey {
            case temperature, seed, stop
            case topP = "top_p"
            case topK = "top_k"
            case minP = "min_p"
            case repetitionPenalty = "repetition_penalty"
            case maxTokens = "max_tokens"
        }
    }

    /// For `/v1/chat/completions`.
    var messages: [Message]?
    /// For `/v1/completions`.
    var prompt: String?
    var echo: Bool?
    var sampling: Sampling

    private enum CodingKeys: String, CodingKey {
        case messages, prompt, echo, stream
        case streamOptions = "stream_options"
    }

    func encode(to encoder: any Encoder) throws {
        try sampling.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(messages, forKey: .messages)
        try container.encodeIfPresent(prompt, forKey: .prompt)
        try container.encodeIfPresent(echo, forKey: .echo)
        try container.encode(true, forKey: .stream)
        // An answer that is cut off by the user has its usage, too.
        let options = ["include_usage": true, "continuous_usage_stats": true]
        try container.encode(options, forKey: .streamOptions)
    }

    /// Where it is posted to.
    var path: String { messages == nil ? "/v1/completions" : "/v1/chat/completions" }
}
