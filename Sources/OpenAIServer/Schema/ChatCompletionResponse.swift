/// The answer of `POST /v1/chat/completions` that is not streamed.
struct ChatCompletionResponse: Encodable, Sendable {
    var id: String
    var object = "chat.completion"
    var created: Int
    var model: String
    var choices: [Choice]
    var systemFingerprint: String
    var usage: Usage
    var promptTokenIDs: [UInt32]?
    var promptLogprobs: PromptLogprobs?

    struct Choice: Encodable, Sendable {
        var index: Int
        var message: Message
        @Nullable var logprobs: ChatLogprobs?
        @Nullable var finishReason: String?
        @Nullable var stopReason: StopReason?
        var tokenIDs: [UInt32]?

        enum CodingKeys: String, CodingKey {
            case index, message, logprobs
            case finishReason = "finish_reason"
            case stopReason = "stop_reason"
            case tokenIDs = "token_ids"
        }
    }

    struct Message: Encodable, Sendable {
        var role = "assistant"
        @Nullable var content: String?
        @Nullable var refusal: String?
        var toolCalls: [ToolCall]?

        enum CodingKeys: String, CodingKey {
            case role, content, refusal
            case toolCalls = "tool_calls"
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, object, created, model, choices, usage
        case systemFingerprint = "system_fingerprint"
        case promptTokenIDs = "prompt_token_ids"
        case promptLogprobs = "prompt_logprobs"
    }
}

/// One chunk of a streamed chat.
struct ChatCompletionChunk: Encodable, Sendable {
    var id: String
    var object = "chat.completion.chunk"
    var created: Int
    var model: String
    var choices: [Choice]
    var usage: Usage?
    var promptTokenIDs: [UInt32]?

    struct Choice: Encodable, Sendable {
        var index: Int
        var delta: Delta
        @Nullable var logprobs: ChatLogprobs?
        @Nullable var finishReason: String?
        /// On the last chunk only, as vLLM has it.
        var stopReason: Nullable<StopReason>?
        var tokenIDs: [UInt32]?

        enum CodingKeys: String, CodingKey {
            case index, delta, logprobs
            case finishReason = "finish_reason"
            case stopReason = "stop_reason"
            case tokenIDs = "token_ids"
        }
    }

    struct Delta: Encodable, Sendable {
        var role: String?
        var content: String?
        var toolCalls: [ToolCallChunk]?

        enum CodingKeys: String, CodingKey {
            case role, content
            case toolCalls = "tool_calls"
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, object, created, model, choices, usage
        case promptTokenIDs = "prompt_token_ids"
    }
}
