/// A tool that a model may call.
public struct Tool: Hashable, Sendable {
    public var name: String
    /// The schema of the arguments; without one there are none.
    public var parameters: JSONValue?

    public init(name: String, parameters: JSONValue?) {
        self.name = name
        self.parameters = parameters
    }
}

/// An output that must be calls of tools: `tool_choice` `required`, or one named tool.
public struct ToolCallConstraint: Hashable, Sendable {
    public var format: ToolCallFormat
    /// The tools of which one or several must be called.
    public var tools: [Tool]
    /// Whether several calls may follow each other.
    public var isParallel: Bool

    public init(format: ToolCallFormat, tools: [Tool], isParallel: Bool) {
        self.format = format
        self.tools = tools
        self.isParallel = isParallel
    }

    /// A model that calls tools without end is stopped.
    static let callLimit = 16
}

extension Grammar {
    /// The outputs that are calls of the given tools, with arguments after their schemas.
    ///
    /// - Throws: `GrammarError` for a schema that cannot be enforced.
    public init(
        toolCalls constraint: ToolCallConstraint,
        limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) {
        var compiler = SchemaCompiler(
            .bool(true),
            options: JSONSchemaOptions(),
            builder: GrammarBuilder(limits: limits)
        )
        var calls: [Expression] = []
        for tool in constraint.tools {
            let none = JSONValue.object([
                JSONValue.Member("type", .string("object")),
                JSONValue.Member("additionalProperties", .bool(false)),
            ])
            let schema = tool.parameters ?? none
            compiler.begin(schema)
            let arguments = compiler.symbol(for: schema, path: "tools/\(tool.name)/parameters")
            try compiler.finish()
            let space = try compiler.space()
            calls.append(
                .sequence([
                    .text("{"), space, try compiler.key("name"),
                    .text(JSONValue.string(tool.name).text), .text(","), space,
                    try compiler.key(constraint.format.argumentsKey), .symbol(arguments), space,
                    .text("}"),
                ])
            )
        }
        let call = compiler.builder.declare("call")
        try compiler.builder.define(call, as: .choice(calls))
        let root = compiler.builder.declare("tool calls")
        let output = try constraint.output(of: call, &compiler.builder)
        try compiler.builder.define(root, as: output)
        self = try compiler.builder.build(root: root)
    }
}

extension ToolCallConstraint {
    /// One call or several, with what the format writes around them.
    fileprivate func output(
        of call: Int,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> Expression {
        let one = Expression.symbol(builder.symbol(call))
        switch format {
        case .hermes:
            let marked = Expression.sequence([
                .text("<tool_call>\n"), one, .text("\n</tool_call>"),
            ])
            return try row(of: marked, with: "\n", &builder)
        case .llama3: return try row(of: one, with: "; ", &builder)
        case .mistral:
            return .sequence([
                .text("[TOOL_CALLS]"), .optional(.text(" ")), .text("["),
                try row(of: one, with: ", ", &builder), .text("]"),
            ])
        case .json:
            guard isParallel else { return one }
            return .sequence([.text("["), try row(of: one, with: ", ", &builder), .text("]")])
        }
    }

    private func row(
        of call: Expression,
        with separator: String,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> Expression {
        guard isParallel else { return call }
        let next = builder.declare("next call")
        try builder.define(next, as: .sequence([.text(separator), call]))
        let more = builder.symbol(repeating: next, minimum: 0, maximum: Self.callLimit - 1)
        return .sequence([call, .symbol(more)])
    }
}
