import Tokenization

/// The `instructions` and `input` of a responses request as the messages of a chat.
struct ResponsesInput {
    private var messages: [JinjaObject] = []

    static func read(_ fields: Fields) throws(OpenAIError) -> [JinjaValue] {
        var input = Self()
        if let instructions = try fields.string("instructions") {
            input.messages.append(["role": "system", "content": .string(instructions)])
        }
        guard let value = fields.value("input") else { throw fields.missing("input") }
        if value.stringValue != nil {
            input.messages.append(["role": "user", "content": value])
        } else {
            guard value.listValue != nil else {
                throw fields.invalid(
                    "input",
                    "string_type",
                    "Input should be a valid string or list of items"
                )
            }
            let items = try fields.fieldsList("input") ?? []
            if items.isEmpty { throw .badRequest("input", "input must have at least one item.") }
            for item in items { try input.take(item) }
        }
        return input.messages.map { .object($0) }
    }

    private mutating func take(_ item: Fields) throws(OpenAIError) {
        switch try item.string("type") ?? "message" {
        case "message": try takeMessage(item)
        case "function_call": try takeCall(item)
        case "function_call_output": try takeOutput(item)
        case let type:
            let path = item.path.joined(separator: ".")
            throw .badRequest(path, "\(path): items of type '\(type)' are not supported.")
        }
    }

    private mutating func takeMessage(_ item: Fields) throws(OpenAIError) {
        guard let role = try item.string("role") else { throw item.missing("role") }
        let known = ["user", "assistant", "system", "developer"]
        guard known.contains(role) else {
            throw item.invalid(
                "role",
                "literal_error",
                "Input should be 'user', 'assistant', 'system' or 'developer'"
            )
        }
        guard let content = item.value("content") else { throw item.missing("content") }
        // Templates know the instructions of developers as those of the system.
        messages.append([
            "role": .string(role == "developer" ? "system" : role), "content": content,
        ])
    }

    /// Calls belong to the assistant's turn: the message before, or one without text.
    private mutating func takeCall(_ item: Fields) throws(OpenAIError) {
        guard let id = try item.string("call_id") else { throw item.missing("call_id") }
        guard let name = try item.string("name") else { throw item.missing("name") }
        guard let arguments = try item.string("arguments") else { throw item.missing("arguments") }
        let call: JinjaValue = [
            "id": .string(id), "type": "function",
            "function": ["name": .string(name), "arguments": .string(arguments)],
        ]
        if messages.last?["role"] != .string("assistant") {
            messages.append(["role": "assistant", "content": ""])
        }
        let last = messages.count - 1
        let calls = messages[last]["tool_calls"]?.listValue ?? []
        messages[last]["tool_calls"] = JinjaValue(calls + [call])
    }

    private mutating func takeOutput(_ item: Fields) throws(OpenAIError) {
        guard let id = try item.string("call_id") else { throw item.missing("call_id") }
        guard let output = item.value("output") else { throw item.missing("output") }
        messages.append(["role": "tool", "tool_call_id": .string(id), "content": output])
    }
}
