import Tokenization

/// The `messages` of a chat, put into the form that templates expect.
///
/// A message keeps every field it has, in order; only `content` becomes one string, and the
/// arguments of tool calls become values (templates print them as JSON themselves).
enum ChatMessages {
    static func read(_ fields: Fields, limit: Int) throws(OpenAIError) -> [JinjaValue] {
        guard let messages = try fields.fieldsList("messages") else {
            throw fields.missing("messages")
        }
        if messages.isEmpty {
            throw .badRequest("messages", "messages must have at least one message.")
        }
        if messages.count > limit {
            throw .badRequest(
                "messages",
                "messages must have at most \(limit) messages, got \(messages.count)."
            )
        }
        var result: [JinjaValue] = []
        result.reserveCapacity(messages.count)
        for message in messages { result.append(.object(try read(message))) }
        return result
    }

    private static func read(_ message: Fields) throws(OpenAIError) -> JinjaObject {
        guard try message.string("role") != nil else { throw message.missing("role") }
        var result = message.all
        result["content"] = .string(try content(message))
        if let calls = try message.fieldsList("tool_calls") {
            var converted: [JinjaValue] = []
            for call in calls { converted.append(.object(try toolCall(call))) }
            result["tool_calls"] = JinjaValue(converted)
        }
        return result
    }

    /// The text of a message: a string, or the texts of its parts, a line each.
    private static func content(_ message: Fields) throws(OpenAIError) -> String {
        guard let value = message.value("content") else { return "" }
        if let text = value.stringValue { return text }
        guard value.listValue != nil else {
            throw message.invalid(
                "content",
                "string_type",
                "Input should be a valid string or list of content parts"
            )
        }
        var texts: [String] = []
        for (index, part) in (value.listValue ?? []).enumerated() {
            if let text = part.stringValue {
                texts.append(text)
                continue
            }
            let path = message.path + ["content", "\(index)"]
            guard let object = part.objectValue else {
                throw .validation(
                    "dict_type",
                    path,
                    "Input should be a valid string or content part",
                    part
                )
            }
            texts.append(try text(of: Fields(object, path: path)))
        }
        return texts.joined(separator: "\n")
    }

    private static func text(of part: Fields) throws(OpenAIError) -> String {
        guard let type = try part.string("type") else { throw part.missing("type") }
        let name = type == "refusal" ? "refusal" : "text"
        guard ["text", "input_text", "output_text", "refusal"].contains(type) else {
            throw .badRequest(
                part.path.joined(separator: "."),
                "Content parts of type '\(type)' are not supported: this model reads text only."
            )
        }
        guard let text = try part.string(name) else { throw part.missing(name) }
        return text
    }

    private static func toolCall(_ call: Fields) throws(OpenAIError) -> JinjaObject {
        var result = call.all
        guard let function = try call.fields("function") else { return result }
        var converted = function.all
        if let text = function.value("arguments")?.stringValue {
            do {
                converted["arguments"] =
                    text.isEmpty ? .object(JinjaObject()) : try JinjaValue(json: Array(text.utf8))
            } catch {
                throw function.invalid(
                    "arguments",
                    "json_invalid",
                    "Arguments should be a JSON object"
                )
            }
        }
        result["function"] = .object(converted)
        return result
    }
}
