import Inference
import Tokenization

/// The body of `POST /v1/messages` and `/v1/messages/count_tokens`, Anthropic's form of a chat.
///
/// It is rewritten into the fields of a chat request, field by field, and read as one: both then
/// have the same checks, the same defaults and the same prompt.
struct MessagesRequest: Sendable {
    var chat: ChatCompletionRequest

    /// - Parameter isCounting: whether only the prompt matters: `max_tokens` may be left out then.
    init(
        _ fields: Fields,
        isCounting: Bool = false,
        properties: EngineProperties,
        configuration: OpenAIServer.Configuration
    ) throws(OpenAIError) {
        guard isCounting || fields.value("max_tokens") != nil else {
            throw fields.missing("max_tokens")
        }
        for name in Self.unsupported where fields.value(name) != nil {
            throw .badRequest(name, "\(name) is not supported by this server. Leave it out.")
        }
        var body = JinjaObject()
        for name in Self.shared { body[name] = fields.value(name) }
        body["stop"] = try fields.list("stop_sequences").map { JinjaValue($0) }
        body["messages"] = JinjaValue(try MessagesInput.read(fields))
        // A turn of the assistant at the end is the beginning of the answer.
        if case .object(let last)? = body["messages"]?.listValue?.last,
            last["role"] == .string("assistant")
        {
            body["continue_final_message"] = true
        }
        if let tools = try MessagesTools.read(fields) { body["tools"] = JinjaValue(tools) }
        try MessagesTools.readChoice(fields, into: &body)
        try Self.readThinking(fields, into: &body)
        try Self.readOutput(fields, into: &body)
        chat = try ChatCompletionRequest(
            Fields(body),
            properties: properties,
            configuration: configuration
        )
        chat.constraintField = "output_config"
    }

    /// Fields that mean the same in a chat, vLLM's and ours among them.
    private static let shared = [
        "max_tokens", "temperature", "top_p", "top_k", "stream", "cache_salt", "priority", "seed",
        "min_p", "chat_template_kwargs",
    ]

    private static let unsupported = [
        "container", "context_management", "mcp_servers", "kv_transfer_params",
    ]

    private static func readThinking(
        _ fields: Fields,
        into body: inout JinjaObject
    ) throws(OpenAIError) {
        guard let thinking = try fields.fields("thinking") else { return }
        switch try thinking.string("type") {
        // The model thinks as much as it likes, and as part of its text.
        case "adaptive": return
        case "disabled":
            var variables = try fields.object("chat_template_kwargs") ?? JinjaObject()
            if variables["enable_thinking"] == nil { variables["enable_thinking"] = false }
            body["chat_template_kwargs"] = .object(variables)
        default:
            throw .badRequest(
                "thinking",
                "thinking can be {\"type\": \"disabled\"} or {\"type\": \"adaptive\"}: a budget "
                    + "for thinking is not supported by this server."
            )
        }
    }

    private static func readOutput(
        _ fields: Fields,
        into body: inout JinjaObject
    ) throws(OpenAIError) {
        guard let output = try fields.fields("output_config") else { return }
        body["reasoning_effort"] = try output.string("effort").map { .string($0) }
        guard let format = try output.fields("format") else { return }
        guard try format.string("type") == "json_schema", let schema = format.value("schema") else {
            throw .badRequest(
                "output_config",
                "output_config.format can only be {\"type\": \"json_schema\", \"schema\": {...}}."
            )
        }
        body["response_format"] = [
            "type": "json_schema", "json_schema": ["name": "output", "schema": schema],
        ]
    }
}
