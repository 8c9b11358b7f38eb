/// The answer of `POST /v1/completions`, whole or one chunk of its stream.
struct CompletionResponse: Encodable, Sendable {
    var id: String
    var object = "text_completion"
    var created: Int
    var model: String
    var choices: [Choice]
    var systemFingerprint: String?
    var usage: Usage?

    struct Choice: Encodable, Sendable {
        var index: Int
        var text: String
        @Nullable var logprobs: CompletionLogprobs?
        @Nullable var finishReason: String?
        @Nullable var stopReason: StopReason?
        var tokenIDs: [UInt32]?
        var promptTokenIDs: [UInt32]?
        var promptLogprobs: PromptLogprobs?

        enum CodingKeys: String, CodingKey {
            case index, text, logprobs
            case finishReason = "finish_reason"
            case stopReason = "stop_reason"
            case tokenIDs = "token_ids"
            case promptTokenIDs = "prompt_token_ids"
            case promptLogprobs = "prompt_logprobs"
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, object, created, model, choices, usage
        case systemFingerprint = "system_fingerprint"
    }
}
