/// One event of a streamed answer, of `/v1/completions` or `/v1/chat/completions`.
struct CompletionChunk: Decodable {
    struct Choice: Decodable {
        struct Delta: Decodable {
            var content: String?
            /// What reasoning models think aloud, under either name.
            var reasoningContent: String?
            var reasoning: String?

            enum CodingKeys: String, CodingKey {
                case content, reasoning
                case reasoningContent = "reasoning_content"
            }
        }

        var text: String?
        var delta: Delta?

        /// Whether it brings text. The first event of a chat only says who speaks.
        var hasText: Bool {
            [text, delta?.content, delta?.reasoningContent, delta?.reasoning]
                .contains { $0?.isEmpty == false }
        }
    }

    struct Usage: Decodable {
        var promptTokens: Int
        var completionTokens: Int?

        enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case completionTokens = "completion_tokens"
        }
    }

    struct Failure: Decodable {
        var message: String?
    }

    var choices: [Choice]?
    var usage: Usage?
    var error: Failure?
}

/// What `/v1/models` answers.
struct ModelList: Decodable {
    struct Model: Decodable { var id: String }
    var data: [Model]
}
