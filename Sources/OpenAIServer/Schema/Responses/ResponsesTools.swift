import Tokenization

/// The `tools` and `tool_choice` of a responses request as those of a chat, where the function lies
/// one level deeper.
enum ResponsesTools {
    static func read(_ fields: Fields, into body: inout JinjaObject) throws(OpenAIError) {
        var tools: [(name: String, value: JinjaValue)] = []
        for tool in try fields.fieldsList("tools") ?? [] { tools.append(try read(tool)) }
        if let choice = fields.value("tool_choice") {
            if choice.stringValue != nil {
                body["tool_choice"] = choice
            } else if let choice = try fields.fields("tool_choice") {
                try read(choice, into: &body, among: &tools)
            }
        }
        if !tools.isEmpty { body["tools"] = JinjaValue(tools.map(\.value)) }
        // Nothing to choose from is no mistake in this API.
        if tools.isEmpty && body["tool_choice"] == .string("auto") { body["tool_choice"] = "none" }
    }

    private static func read(
        _ tool: Fields
    ) throws(OpenAIError) -> (name: String, value: JinjaValue) {
        guard let type = try tool.string("type") else { throw tool.missing("type") }
        guard type == "function" else {
            let path = tool.path.joined(separator: ".")
            throw .badRequest(
                path,
                "\(path): tools of type '\(type)' are not supported: this server runs none itself. "
                    + "Only functions are."
            )
        }
        guard let name = try tool.string("name") else { throw tool.missing("name") }
        var function: JinjaObject = ["name": .string(name)]
        function["description"] = try tool.string("description").map { .string($0) }
        function["parameters"] = try tool.object("parameters").map { .object($0) }
        return (name, ["type": "function", "function": .object(function)])
    }

    private static func read(
        _ choice: Fields,
        into body: inout JinjaObject,
        among tools: inout [(name: String, value: JinjaValue)]
    ) throws(OpenAIError) {
        switch try choice.string("type") {
        case "function":
            guard let name = try choice.string("name") else { throw choice.missing("name") }
            body["tool_choice"] = ["type": "function", "function": ["name": .string(name)]]
        case "allowed_tools":
            var allowed: Set<String> = []
            for tool in try choice.fieldsList("tools") ?? [] {
                guard let name = try tool.string("name") else { throw tool.missing("name") }
                allowed.insert(name)
            }
            tools.removeAll { !allowed.contains($0.name) }
            body["tool_choice"] = choice.value("mode") ?? "auto"
        default:
            throw .badRequest(
                "tool_choice",
                "tool_choice can be \"none\", \"auto\", \"required\", {\"type\": \"function\", "
                    + "\"name\": ...} or {\"type\": \"allowed_tools\", ...}."
            )
        }
    }
}
