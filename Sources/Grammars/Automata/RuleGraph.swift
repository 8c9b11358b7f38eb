/// One rule as a nondeterministic automaton: edges that read a byte, edges that call a symbol, and
/// edges that are free (Thompson, "Regular expression search algorithm", 1968).
struct RuleGraph: Sendable {
    typealias State = Int32

    struct Edge: Sendable {
        var bytes: ByteRange
        var target: State
    }

    struct Call: Sendable {
        var symbol: Int
        var target: State
    }

    struct Node: Sendable {
        var edges: [Edge] = []
        var calls: [Call] = []
        var free: [State] = []
        var isFinal = false
    }

    static let start: State = 0
    private(set) var nodes = [Node()]
    let limits: GrammarLimits

    init(limits: GrammarLimits) { self.limits = limits }

    init(_ expression: Expression, limits: GrammarLimits) throws(GrammarError) {
        self.init(limits: limits)
        markFinal(try append(expression, to: Self.start))
    }

    mutating func addState() throws(GrammarError) -> State {
        guard nodes.count < limits.stateCount else {
            throw .overLimit(what: "states", limit: limits.stateCount)
        }
        nodes.append(Node())
        return State(nodes.count - 1)
    }

    mutating func connect(_ source: State, _ target: State, reading bytes: ByteRange) {
        nodes[Int(source)].edges.append(Edge(bytes: bytes, target: target))
    }

    mutating func connect(_ source: State, _ target: State, calling symbol: Int) {
        nodes[Int(source)].calls.append(Call(symbol: symbol, target: target))
    }

    mutating func connect(_ source: State, _ target: State) {
        nodes[Int(source)].free.append(target)
    }

    mutating func markFinal(_ state: State) { nodes[Int(state)].isFinal = true }

    /// Adds `expression` behind `source` and returns the state behind it.
    mutating func append(
        _ expression: Expression,
        to source: State
    ) throws(GrammarError) -> State {
        let end = try addState()
        try append(expression, from: source, to: end)
        return end
    }

    /// Adds `expression` between two states.
    mutating func append(
        _ expression: Expression,
        from source: State,
        to end: State
    ) throws(GrammarError) {
        switch expression {
        case .bytes(let ranges):
            for range in ranges { connect(source, end, reading: range) }
        case .literal(let bytes):
            var state = source
            for byte in bytes {
                let next = try addState()
                connect(state, next, reading: ByteRange(byte))
                state = next
            }
            connect(state, end)
        case .sequence(let parts):
            var state = source
            for part in parts { state = try append(part, to: state) }
            connect(state, end)
        case .choice(let parts):
            for part in parts {
                let first = try addState()
                connect(source, first)
                connect(try append(part, to: first), end)
            }
        case .repeated(let part, let minimum, let maximum):
            try appendCopies(of: part, minimum: minimum, maximum: maximum, from: source, to: end)
        case .symbol(let symbol):
            connect(source, end, calling: symbol)
        case .automaton(let automaton):
            try append(automaton, from: source, to: end)
        case .graph(let graph):
            try append(graph, from: source, to: end)
        }
    }

    private mutating func appendCopies(
        of part: Expression,
        minimum: Int,
        maximum: Int?,
        from source: State,
        to end: State
    ) throws(GrammarError) {
        var state = source
        for _ in 0..<minimum { state = try append(part, to: state) }
        guard let maximum else {
            let loop = try addState()
            connect(state, loop)
            connect(try append(part, to: loop), loop)
            connect(loop, end)
            return
        }
        for _ in minimum..<max(minimum, maximum) {
            connect(state, end)
            state = try append(part, to: state)
        }
        connect(state, end)
    }

    private mutating func append(
        _ automaton: ByteAutomaton,
        from source: State,
        to end: State
    ) throws(GrammarError) {
        var states: [State] = []
        for _ in automaton.states { states.append(try addState()) }
        connect(source, states[0])
        for (index, state) in automaton.states.enumerated() {
            for edge in state.edges {
                connect(states[index], states[Int(edge.target)], reading: edge.bytes)
            }
            if state.isFinal { connect(states[index], end) }
        }
    }

    private mutating func append(
        _ graph: RuleGraph,
        from source: State,
        to end: State
    ) throws(GrammarError) {
        var states: [State] = []
        for _ in graph.nodes { states.append(try addState()) }
        connect(source, states[Int(Self.start)])
        for (node, state) in zip(graph.nodes, states) {
            for edge in node.edges {
                connect(state, states[Int(edge.target)], reading: edge.bytes)
            }
            for call in node.calls {
                connect(state, states[Int(call.target)], calling: call.symbol)
            }
            for target in node.free { connect(state, states[Int(target)]) }
            if node.isFinal { connect(state, end) }
        }
    }
}
