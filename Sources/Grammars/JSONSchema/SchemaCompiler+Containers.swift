extension SchemaCompiler {
    /// Any JSON value.
    mutating func anyValue() throws(GrammarError) -> Expression {
        .choice([
            .symbol(try anyString()), .symbol(try shared("number", JSONText.number)),
            .text("true"), .text("false"), .text("null"),
            .symbol(symbol(for: SchemaCompiler.anyObject, path: "object")),
            .symbol(symbol(for: SchemaCompiler.anyArray, path: "array")),
        ])
    }

    static let anyObject = JSONValue.object([JSONValue.Member("type", .string("object"))])
    private static let anyArray = JSONValue.object([JSONValue.Member("type", .string("array"))])

    mutating func array(_ schema: Schema, path: String) throws(GrammarError) -> Expression {
        let space = try space()
        let minimum = schema.counts.minimum
        let maximum = schema.counts.maximum
        guard !schema.counts.isEmpty else { return .never }
        let items = schema.items ?? .bool(true)
        let comma = Expression.sequence([.text(","), space])
        var graph = RuleGraph(limits: limits)
        let open = try graph.append(.text("["), to: RuleGraph.start)
        var state = try graph.append(space, to: open)
        let close = try graph.addState()
        if minimum == 0 { graph.connect(open, close) }

        // The positions with schemas of their own, then the rest as one counted repetition.
        let prefixCount = min(schema.prefixItems.count, maximum ?? .max)
        for index in 0..<prefixCount {
            if index > 0 { state = try graph.append(comma, to: state) }
            let item = symbol(
                for: schema.prefixItems[index],
                path: "\(path)/prefixItems/\(index)"
            )
            state = try graph.append(.symbol(item), to: state)
            if index + 1 >= minimum { graph.connect(state, close) }
        }
        if maximum.map({ prefixCount < $0 }) ?? true, items != .bool(false) {
            let item = symbol(for: items, path: path + "/items")
            let next = builder.declare(path + "/items")
            try builder.define(next, as: .sequence([comma, .symbol(item)]))
            var read = prefixCount
            if read == 0 {
                state = try graph.append(.symbol(item), to: state)
                read = 1
            }
            let more = builder.symbol(
                repeating: next,
                minimum: max(0, minimum - read),
                maximum: maximum.map { $0 - read }
            )
            graph.connect(try graph.append(.symbol(more), to: state), close)
        }
        let end = try graph.append(.sequence([space, .text("]")]), to: close)
        graph.markFinal(end)
        return .graph(graph)
    }

    mutating func object(_ schema: Schema, path: String) throws(GrammarError) -> Expression {
        try ObjectGraph(schema, path: path, compiler: &self).expression
    }
}
