import Grammars
import Tokenization

/// The tools that a chat offers, and whether the model may, must or must not call them.
struct ToolFields: Sendable {
    enum Choice: Equatable, Sendable {
        case none, auto, required
        case named(String)
    }

    /// As the template sees them; nil for none.
    var definitions: [JinjaValue]?
    var tools: [Tool] = []
    var choice = Choice.none
    var isParallel: Bool

    /// Whether calls are looked for in the answer.
    var mayBeCalled: Bool { choice != .none }

    init(_ fields: Fields) throws(OpenAIError) {
        isParallel = try fields.bool("parallel_tool_calls") ?? true
        definitions = try fields.list("tools")
        if let definitions, definitions.isEmpty {
            throw .badRequest(
                "tools",
                "`tools` must not be an empty array. Either provide at least one tool or omit the "
                    + "field entirely."
            )
        }
        for tool in try fields.fieldsList("tools") ?? [] { tools.append(try Self.tool(tool)) }
        choice = try Self.choice(fields, hasTools: definitions != nil)
        if case .named(let name) = choice, !tools.contains(where: { $0.name == name }) {
            throw .badRequest(
                "tool_choice",
                "The tool '\(name)' in `tool_choice` is not one of `tools`."
            )
        }
    }

    /// Whether one tool must be called.
    var isNamed: Bool {
        if case .named = choice { true } else { false }
    }

    /// What an answer must be that has to call a tool; nil where it may be anything.
    func constraint(format: ToolCallFormat) -> GrammarSource? {
        switch choice {
        case .none, .auto: nil
        case .required:
            .toolCalls(ToolCallConstraint(format: format, tools: tools, isParallel: isParallel))
        case .named(let name):
            .toolCalls(
                ToolCallConstraint(
                    format: format,
                    tools: tools.filter { $0.name == name },
                    isParallel: false
                )
            )
        }
    }

    private static func tool(_ fields: Fields) throws(OpenAIError) -> Tool {
        guard let function = try fields.fields("function") else { throw fields.missing("function") }
        guard let name = try function.string("name") else { throw function.missing("name") }
        return Tool(
            name: name,
            parameters: try function.object("parameters").map {
                JSONValue(.object($0))
            }
        )
    }

    private static func choice(
        _ fields: Fields,
        hasTools: Bool
    ) throws(OpenAIError) -> Choice {
        guard let value = fields.value("tool_choice") else { return hasTools ? .auto : .none }
        if value.stringValue == "none" { return .none }
        guard hasTools else {
            throw .badRequest("tool_choice", "When using `tool_choice`, `tools` must be set.")
        }
        if let word = value.stringValue {
            switch word {
            case "auto": return .auto
            case "required": return .required
            default: break
            }
        } else if let named = try fields.fields("tool_choice"),
            try named.string("type") == "function"
        {
            let function = try named.fields("function")
            guard let name = try function?.string("name") else { throw named.missing("function") }
            return .named(name)
        }
        throw .badRequest(
            "tool_choice",
            "tool_choice can be \"none\", \"auto\", \"required\" or a function by name: "
                + "{\"type\": \"function\", \"function\": {\"name\": ...}}."
        )
    }
}
