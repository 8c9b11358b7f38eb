/// An item of a response's output: a message, or a call of a function.
struct ResponseItem: Encodable, Sendable {
    var id: String
    var type: String
    var status = ResponseObject.Status.inProgress
    /// Of messages.
    var role: String?
    var content: [Text]?
    /// Of calls.
    var callID: String?
    var name: String?
    var arguments: String?

    /// The text of a message.
    struct Text: Encodable, Sendable {
        var type = "output_text"
        var text = ""
        var annotations: [String] = []
        var logprobs: [ChatLogprobs.Position] = []
    }

    static func message() -> Self {
        Self(id: "msg_\(RequestID.make())", type: "message", role: "assistant", content: [])
    }

    static func call(id: String, name: String) -> Self {
        Self(
            id: "fc_\(RequestID.make())",
            type: "function_call",
            callID: id,
            name: name,
            arguments: ""
        )
    }

    enum CodingKeys: String, CodingKey {
        case id, type, status, role, content, name, arguments
        case callID = "call_id"
    }
}

/// One event of a streamed response.
struct ResponseEvent: NamedEvent {
    var type: String
    /// Counts the events of a stream from 0.
    var sequenceNumber = 0
    var response: ResponseObject?
    var outputIndex: Int?
    var item: ResponseItem?
    var itemID: String?
    var contentIndex: Int?
    var part: ResponseItem.Text?
    var delta: String?
    var text: String?
    var name: String?
    var arguments: String?
    var logprobs: [ChatLogprobs.Position]?

    enum CodingKeys: String, CodingKey {
        case type, response, item, part, delta, text, name, arguments, logprobs
        case sequenceNumber = "sequence_number"
        case outputIndex = "output_index"
        case itemID = "item_id"
        case contentIndex = "content_index"
    }
}
