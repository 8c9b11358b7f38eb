import Tokenization

/// The answer of `POST /v1/messages`, whole or as a stream begins it.
struct MessagesResponse: Encodable, Sendable {
    var id: String
    var type = "message"
    var role = "assistant"
    var model: String
    var content: [Block] = []
    @Nullable var stopReason: String?
    @Nullable var stopSequence: String?
    var usage: MessagesUsage

    /// A text, or a call of a tool.
    struct Block: Encodable, Sendable {
        var type: String
        var text: String?
        var id: String?
        var name: String?
        var input: JSONContent?

        static func text(_ text: String) -> Self { Self(type: "text", text: text) }

        static func toolUse(id: String, name: String, input: JinjaObject = JinjaObject()) -> Self {
            Self(type: "tool_use", id: id, name: name, input: JSONContent(.object(input)))
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, type, role, model, content, usage
        case stopReason = "stop_reason"
        case stopSequence = "stop_sequence"
    }
}

/// Anthropic counts the cached part of a prompt apart from the rest.
struct MessagesUsage: Encodable, Sendable {
    var inputTokens: Int
    var outputTokens: Int
    var cacheCreationInputTokens = 0
    var cacheReadInputTokens: Int

    init(_ usage: Usage) {
        inputTokens = usage.promptTokens - usage.cachedTokens
        outputTokens = usage.completionTokens
        cacheReadInputTokens = usage.cachedTokens
    }

    enum CodingKeys: String, CodingKey {
        case inputTokens = "input_tokens"
        case outputTokens = "output_tokens"
        case cacheCreationInputTokens = "cache_creation_input_tokens"
        case cacheReadInputTokens = "cache_read_input_tokens"
    }
}

/// Why a message ended, in Anthropic's words.
struct MessageEnding: Encodable, Sendable {
    @Nullable var stopReason: String?
    @Nullable var stopSequence: String?

    init(finishReason: String?, stopReason: StopReason?, hasCalls: Bool) {
        let sequence: String? =
            if case .string(let text)? = stopReason { text } else { nil }
        let otherReason =
            if finishReason == "length" { "max_tokens" } else if hasCalls { "tool_use" } else {
                "end_turn"
            }
        self.stopReason = sequence == nil ? otherReason : "stop_sequence"
        stopSequence = sequence
    }

    enum CodingKeys: String, CodingKey {
        case stopReason = "stop_reason"
        case stopSequence = "stop_sequence"
    }
}

extension MessagesResponse.Block {
    /// A call that is complete, or as much as there is of one that was cut off: an input that ends
    /// early is left empty, and the stop reason says so.
    init(_ call: ToolCall) {
        let input = (try? JinjaValue(json: call.function.arguments.utf8))?.objectValue
        self = .toolUse(
            id: Self.id(call.id),
            name: call.function.name,
            input: input ?? JinjaObject()
        )
    }

    /// The id of a call as Anthropic's clients know it.
    static func id(_ id: String) -> String { "toolu_" + id.drop { $0 != "_" }.dropFirst() }
}
