import Tokenization

/// The `system` and `messages` of an Anthropic request as the messages of a chat.
enum MessagesInput {
    static func read(_ fields: Fields) throws(OpenAIError) -> [JinjaValue] {
        var result: [JinjaValue] = []
        if let system = try system(fields) {
            result.append(["role": "system", "content": .string(system)])
        }
        guard let messages = try fields.fieldsList("messages") else {
            throw fields.missing("messages")
        }
        if messages.isEmpty {
            throw .badRequest("messages", "messages must have at least one message.")
        }
        for message in messages { try read(message, into: &result) }
        return result
    }

    private static func system(_ fields: Fields) throws(OpenAIError) -> String? {
        guard let value = fields.value("system") else { return nil }
        if let text = value.stringValue { return text }
        var texts: [String] = []
        for block in try fields.fieldsList("system") ?? [] { texts.append(try text(of: block)) }
        return texts.joined(separator: "\n")
    }

    private static func read(
        _ message: Fields,
        into result: inout [JinjaValue]
    ) throws(OpenAIError) {
        guard let role = try message.string("role") else { throw message.missing("role") }
        guard ["user", "assistant", "system"].contains(role) else {
            throw message.invalid(
                "role",
                "literal_error",
                "Input should be 'user', 'assistant' or 'system'"
            )
        }
        guard let content = message.value("content") else { throw message.missing("content") }
        if content.stringValue != nil {
            result.append(["role": .string(role), "content": content])
            return
        }
        var turn = Turn(role: role)
        for block in try message.fieldsList("content") ?? [] { try turn.take(block) }
        result += turn.messages
    }

    /// The text of a block that can be nothing else.
    fileprivate static func text(of block: Fields) throws(OpenAIError) -> String {
        guard let type = try block.string("type") else { throw block.missing("type") }
        guard type == "text" else { throw unsupported(type, block) }
        guard let text = try block.string("text") else { throw block.missing("text") }
        return text
    }

    fileprivate static func unsupported(_ type: String, _ block: Fields) -> OpenAIError {
        .badRequest(
            block.path.joined(separator: "."),
            "\(block.path.joined(separator: ".")): content blocks of type '\(type)' are not "
                + "supported: this model reads text only."
        )
    }
}

/// One message on its way into those of a chat, of which it may become several: the results of
/// tools are messages of their own there.
private struct Turn {
    let role: String
    private var results: [JinjaValue] = []
    private var texts: [String] = []
    private var thoughts: [String] = []
    private var calls: [JinjaValue] = []

    init(role: String) { self.role = role }

    mutating func take(_ block: Fields) throws(OpenAIError) {
        guard let type = try block.string("type") else { throw block.missing("type") }
        switch (type, role) {
        case ("tool_use", "assistant"): calls.append(try call(block))
        case ("tool_result", "user"): results.append(try result(block))
        case ("thinking", "assistant"):
            guard let text = try block.string("thinking") else { throw block.missing("thinking") }
            thoughts.append(text)
        case ("text", _): texts.append(try MessagesInput.text(of: block))
        default: throw MessagesInput.unsupported(type, block)
        }
    }

    var messages: [JinjaValue] {
        // Results come first: they answer the turn before, and text beside them comes after.
        guard !(texts.isEmpty && calls.isEmpty && !results.isEmpty) else { return results }
        var message: JinjaObject = [
            "role": .string(role), "content": .string(texts.joined(separator: "\n")),
        ]
        if !thoughts.isEmpty {
            message["reasoning_content"] = .string(thoughts.joined(separator: "\n"))
        }
        if !calls.isEmpty { message["tool_calls"] = JinjaValue(calls) }
        return results + [.object(message)]
    }

    private func call(_ block: Fields) throws(OpenAIError) -> JinjaValue {
        guard let id = try block.string("id") else { throw block.missing("id") }
        guard let name = try block.string("name") else { throw block.missing("name") }
        guard let input = try block.object("input") else { throw block.missing("input") }
        return [
            "id": .string(id), "type": "function",
            "function": ["name": .string(name), "arguments": .object(input)],
        ]
    }

    private func result(_ block: Fields) throws(OpenAIError) -> JinjaValue {
        guard let id = try block.string("tool_use_id") else { throw block.missing("tool_use_id") }
        var text = ""
        if let content = block.value("content") {
            if let whole = content.stringValue {
                text = whole
            } else {
                var parts: [String] = []
                for part in try block.fieldsList("content") ?? [] {
                    parts.append(try MessagesInput.text(of: part))
                }
                text = parts.joined(separator: "\n")
            }
        }
        // Templates have no mark for failure; the word is what a model can read.
        if try block.bool("is_error") ?? false { text = "Error: \(text)" }
        return ["role": "tool", "tool_call_id": .string(id), "content": .string(text)]
    }
}
