/// The automaton of an object: the named members in the schema's order, each that is not required
/// may be left out, then any others that the schema allows.
struct ObjectGraph {
    private var graph: RuleGraph
    private let bounds: Schema.Bounds
    /// From this number on members are no longer counted; 1, to know where a comma is due.
    private let countLimit: Int
    /// Where the next property is due, by the number of members so far.
    private var states: [RuleGraph.State?]

    var expression: Expression { .graph(graph) }

    init(
        _ schema: Schema,
        path: String,
        compiler: inout SchemaCompiler
    ) throws(GrammarError) {
        let unnamed = schema.required.filter { schema.property($0) == nil }
        let properties = schema.properties + unnamed.map { JSONValue.Member($0, schema.additional) }
        let additional = schema.additional
        let isClosed = additional == .bool(false)
        bounds = schema.propertyCounts
        guard isClosed || bounds.minimum <= max(1, schema.required.count) else {
            throw .unsupported(
                path: path + "/minProperties",
                problem: "more members than the required ones are enforced only with "
                    + "'additionalProperties': false, because names might repeat"
            )
        }
        countLimit = max(1, bounds.minimum, bounds.maximum ?? 0)
        guard countLimit <= 10_000 else {
            throw .overLimit(what: "members to count in an object", limit: 10_000)
        }
        states = Array(repeating: nil, count: countLimit + 1)
        graph = RuleGraph(limits: compiler.limits)
        let space = try compiler.space()
        states[0] = try graph.append(.sequence([.text("{"), space]), to: RuleGraph.start)

        for property in properties {
            let value = compiler.symbol(
                for: property.value,
                path: path + "/properties/" + property.key
            )
            try append(
                .sequence([try compiler.key(property.key), .symbol(value)]),
                isRequired: schema.required.contains(property.key),
                space: space
            )
        }
        if !isClosed && bounds.maximum != 0 {
            let name = try Self.name(except: properties.map(\.key), compiler: &compiler)
            let value = compiler.symbol(for: additional, path: path + "/additionalProperties")
            try appendAdditional(
                .sequence([name, .text(":"), space, .symbol(value)]),
                space: space
            )
        }
        let close = try graph.addState()
        for (count, state) in states.enumerated() where count >= bounds.minimum {
            if let state { graph.connect(state, close) }
        }
        graph.markFinal(try graph.append(.sequence([space, .text("}")]), to: close))
    }

    /// The number of members after one more, or nil if that is one too many.
    private func next(_ count: Int) -> Int? {
        if let maximum = bounds.maximum, count >= maximum { return nil }
        return min(count + 1, countLimit)
    }

    private mutating func append(
        _ member: Expression,
        isRequired: Bool,
        space: Expression
    ) throws(GrammarError) {
        // One copy of the member, whatever came before; but counts lead to different states.
        var after = [RuleGraph.State?](repeating: nil, count: states.count)
        func state(_ count: Int, in graph: inout RuleGraph) throws(GrammarError) -> RuleGraph.State
        {
            if let known = after[count] { return known }
            let fresh = try graph.addState()
            after[count] = fresh
            return fresh
        }
        for (count, source) in states.enumerated() {
            guard let source else { continue }
            if let next = next(count) {
                let begin =
                    count == 0
                    ? source : try graph.append(.sequence([.text(","), space]), to: source)
                try graph.append(member, from: begin, to: state(next, in: &graph))
            }
            if !isRequired { graph.connect(source, try state(count, in: &graph)) }
        }
        states = after
    }

    private mutating func appendAdditional(
        _ member: Expression,
        space: Expression
    ) throws(GrammarError) {
        for count in states.indices {
            guard let source = states[count], let next = next(count) else { continue }
            if states[next] == nil { states[next] = try graph.addState() }
            guard let target = states[next] else { continue }
            let begin =
                count == 0
                ? source : try graph.append(.sequence([.text(","), space]), to: source)
            try graph.append(member, from: begin, to: target)
        }
    }

    /// The name of a member that the schema does not name, with its quotes. Names are spelled in
    /// one way only, or `"\u0061"` would be another name than `"a"` to the automaton.
    private static func name(
        except names: [String],
        compiler: inout SchemaCompiler
    ) throws(GrammarError) -> Expression {
        guard !names.isEmpty else { return .symbol(try compiler.anyString()) }
        let limits = compiler.limits
        let plain = Expression.repeated(
            JSONText.character(in: .all),
            minimum: 0,
            maximum: nil
        )
        let other = try ByteAutomaton(plain, limits: limits)
            .subtracting(names.map(JSONText.escaped), limits: limits)
        return .sequence([.text("\""), .automaton(other), .text("\"")])
    }
}
