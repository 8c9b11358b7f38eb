import Tokenization

/// The `tools` and `tool_choice` of an Anthropic request as those of a chat.
enum MessagesTools {
    static func read(_ fields: Fields) throws(OpenAIError) -> [JinjaValue]? {
        guard let tools = try fields.fieldsList("tools"), !tools.isEmpty else { return nil }
        var result: [JinjaValue] = []
        for tool in tools { result.append(try read(tool)) }
        return result
    }

    private static func read(_ tool: Fields) throws(OpenAIError) -> JinjaValue {
        if let type = try tool.string("type"), type != "custom" {
            throw .badRequest(
                tool.path.joined(separator: "."),
                "\(tool.path.joined(separator: ".")): tools of type '\(type)' are not supported: "
                    + "this server runs none itself. Describe it by name and input_schema."
            )
        }
        guard let name = try tool.string("name") else { throw tool.missing("name") }
        guard let schema = try tool.object("input_schema") else {
            throw tool.missing("input_schema")
        }
        var function: JinjaObject = ["name": .string(name)]
        function["description"] = try tool.string("description").map { .string($0) }
        function["parameters"] = .object(schema)
        return ["type": "function", "function": .object(function)]
    }

    static func readChoice(_ fields: Fields, into body: inout JinjaObject) throws(OpenAIError) {
        guard let choice = try fields.fields("tool_choice") else { return }
        switch try choice.string("type") {
        case "auto": body["tool_choice"] = "auto"
        case "any": body["tool_choice"] = "required"
        case "none": body["tool_choice"] = "none"
        case "tool":
            guard let name = try choice.string("name") else { throw choice.missing("name") }
            body["tool_choice"] = ["type": "function", "function": ["name": .string(name)]]
        default:
            throw .badRequest(
                "tool_choice",
                "tool_choice.type can be \"auto\", \"any\", \"tool\" or \"none\"."
            )
        }
        if try choice.bool("disable_parallel_tool_use") ?? false {
            body["parallel_tool_calls"] = false
        }
    }
}
