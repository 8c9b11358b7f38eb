import Inference
import Tokenization

/// The body of `POST /v1/responses`.
///
/// Like an Anthropic message it is rewritten into the fields of a chat request and read as one.
/// Answers are not stored, so what needs an earlier one is refused by name.
struct ResponsesRequest: Sendable {
    var chat: ChatCompletionRequest
    /// What the answer repeats.
    var settings: ResponseSettings
    /// Leave out the oldest messages of a conversation that is too long.
    var truncatesInput: Bool

    init(
        _ fields: Fields,
        properties: EngineProperties,
        configuration: OpenAIServer.Configuration
    ) throws(OpenAIError) {
        try Self.refuseUnsupported(fields)
        var body = JinjaObject()
        for name in Self.shared { body[name] = fields.value(name) }
        let maxTokens = try CommonFields.tokenLimit(
            fields,
            "max_output_tokens",
            maxModelLength: properties.maxModelLength
        )
        body["max_completion_tokens"] = maxTokens.map { .integer($0) }
        body["messages"] = JinjaValue(try ResponsesInput.read(fields))
        try ResponsesTools.read(fields, into: &body)
        let format = try Self.format(fields)
        body["response_format"] = format
        if let reasoning = try fields.fields("reasoning") {
            body["reasoning_effort"] = try reasoning.string("effort").map { .string($0) }
        }
        let includesLogprobs = try Self.includesLogprobs(fields)
        if includesLogprobs {
            body["logprobs"] = true
            body["top_logprobs"] = fields.value("top_logprobs") ?? 0
        }
        truncatesInput = try Self.truncatesInput(fields)
        chat = try ChatCompletionRequest(
            Fields(body),
            properties: properties,
            configuration: configuration
        )
        chat.constraintField = "text.format"
        settings = try ResponseSettings(fields, chat, truncates: truncatesInput)
    }

    /// Fields that mean the same in a chat, vLLM's among them.
    private static let shared = [
        "temperature", "top_p", "stream", "top_k", "min_p", "repetition_penalty",
        "presence_penalty", "frequency_penalty", "seed", "stop", "stop_token_ids", "ignore_eos",
        "logit_bias", "skip_special_tokens", "include_stop_str_in_output", "priority", "cache_salt",
        "structured_outputs", "chat_template_kwargs", "parallel_tool_calls", "user",
    ]

    private static let stored = ["previous_response_id", "conversation", "prompt"]
    private static let unsupported = ["context_management", "moderation", "kv_transfer_params"]

    private static func refuseUnsupported(_ fields: Fields) throws(OpenAIError) {
        for name in stored where fields.value(name) != nil {
            throw .badRequest(
                name,
                "\(name) is not supported: this server stores nothing. Send the whole "
                    + "conversation as `input`."
            )
        }
        if try fields.bool("background") ?? false {
            throw .badRequest(
                "background",
                "background is not supported: this server stores nothing. Wait for the answer, or "
                    + "stream it."
            )
        }
        for name in unsupported where fields.value(name) != nil {
            throw .badRequest(name, "\(name) is not supported by this server. Leave it out.")
        }
        _ = try fields.bool("store")
    }

    /// `text.format` as a chat's `response_format`.
    private static func format(_ fields: Fields) throws(OpenAIError) -> JinjaValue? {
        guard let text = try fields.fields("text") else { return nil }
        if let verbosity = try text.string("verbosity"), verbosity != "medium" {
            throw .badRequest(
                "text.verbosity",
                "text.verbosity can only be \"medium\": this model has no other."
            )
        }
        guard let format = try text.fields("format") else { return nil }
        switch try format.string("type") {
        case "text": return nil
        case "json_object": return ["type": "json_object"]
        case "json_schema":
            guard let schema = format.value("schema") else { throw format.missing("schema") }
            return ["type": "json_schema", "json_schema": ["name": "output", "schema": schema]]
        default:
            throw .badRequest(
                "text.format",
                "text.format.type can be \"text\", \"json_object\" or \"json_schema\"."
            )
        }
    }

    private static func includesLogprobs(_ fields: Fields) throws(OpenAIError) -> Bool {
        var includes = false
        for element in try fields.list("include") ?? [] {
            switch element.stringValue {
            case "message.output_text.logprobs": includes = true
            // There is nothing of this kind to include.
            case "reasoning.encrypted_content": break
            default:
                throw .badRequest(
                    "include",
                    "include can only name \"message.output_text.logprobs\" and "
                        + "\"reasoning.encrypted_content\"."
                )
            }
        }
        return includes
    }

    private static func truncatesInput(_ fields: Fields) throws(OpenAIError) -> Bool {
        switch try fields.string("truncation") {
        case nil, "disabled": return false
        case "auto": return true
        default:
            throw .badRequest("truncation", "truncation can be \"auto\" or \"disabled\".")
        }
    }
}
