/// One event of a streamed message.
struct MessagesEvent: NamedEvent {
    var type: String
    var message: MessagesResponse?
    var index: Int?
    var contentBlock: MessagesResponse.Block?
    var delta: Delta?
    var usage: MessagesUsage?

    /// What a block grew by, or how the message ended.
    enum Delta: Encodable, Sendable {
        case text(String)
        case input(String)
        case ending(MessageEnding)

        private enum CodingKeys: String, CodingKey {
            case type, text
            case partialJSON = "partial_json"
        }

        func encode(to encoder: any Encoder) throws {
            if case .ending(let ending) = self { return try ending.encode(to: encoder) }
            var container = encoder.container(keyedBy: CodingKeys.self)
            switch self {
            case .text(let text):
                try container.encode("text_delta", forKey: .type)
                try container.encode(text, forKey: .text)
            case .input(let json):
                try container.encode("input_json_delta", forKey: .type)
                try container.encode(json, forKey: .partialJSON)
            case .ending: break
            }
        }
    }

    static let ping = Self(type: "ping")
    static let messageStop = Self(type: "message_stop")

    static func messageStart(_ message: MessagesResponse) -> Self {
        Self(type: "message_start", message: message)
    }

    static func blockStart(_ index: Int, _ block: MessagesResponse.Block) -> Self {
        Self(type: "content_block_start", index: index, contentBlock: block)
    }

    static func blockDelta(_ index: Int, _ delta: Delta) -> Self {
        Self(type: "content_block_delta", index: index, delta: delta)
    }

    static func blockStop(_ index: Int) -> Self { Self(type: "content_block_stop", index: index) }

    static func messageDelta(_ ending: MessageEnding, _ usage: MessagesUsage) -> Self {
        Self(type: "message_delta", delta: .ending(ending), usage: usage)
    }

    enum CodingKeys: String, CodingKey {
        case type, message, index, delta, usage
        case contentBlock = "content_block"
    }
}

extension AnthropicError: NamedEvent {}
