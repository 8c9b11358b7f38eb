/// A call of a tool in an answer.
struct ToolCall: Encodable, Sendable {
    var id: String
    var type = "function"
    var function: Function

    struct Function: Encodable, Sendable {
        var name: String
        /// JSON, as the model wrote it.
        var arguments: String
    }
}

/// A part of a call in a stream: the first has the id and the name, all have some of the arguments.
struct ToolCallChunk: Encodable, Sendable {
    var index: Int
    var id: String?
    var type: String?
    var function: Function

    struct Function: Encodable, Sendable {
        var name: String?
        var arguments: String
    }

    /// The beginning of a call, under a new id.
    static func beginning(index: Int, name: String) -> Self {
        let number = UInt64.random(in: .min ... .max)
        let digits = String(number, radix: 16)
        let id = "call_" + String(repeating: "0", count: 16 - digits.count) + digits
        return Self(
            index: index,
            id: id,
            type: "function",
            function: Function(name: name, arguments: "")
        )
    }

    static func arguments(index: Int, _ text: String) -> Self {
        Self(index: index, function: Function(arguments: text))
    }
}

extension [ToolCall] {
    /// Adds what came later.
    mutating func append(_ chunk: ToolCallChunk) {
        if let id = chunk.id, let name = chunk.function.name {
            append(ToolCall(id: id, function: .init(name: name, arguments: "")))
        }
        if indices.contains(chunk.index) {
            self[chunk.index].function.arguments += chunk.function.arguments
        }
    }
}
