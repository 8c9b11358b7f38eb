/// A regular language as a deterministic automaton over bytes; state 0 is the start. Only states
/// from which an end can be reached are kept, the start aside.
struct ByteAutomaton: Sendable {
    struct Edge: Sendable {
        var bytes: ByteRange
        var target: Int32
    }

    struct State: Sendable {
        /// Ascending and without overlap.
        var edges: [Edge] = []
        var isFinal = false
    }

    private(set) var states: [State]

    /// Whether the language has no member.
    var isEmpty: Bool { states.count == 1 && !states[0].isFinal }

    /// The language of an expression without symbols.
    init(_ expression: Expression, limits: GrammarLimits) throws(GrammarError) {
        try self.init(RuleGraph(expression, limits: limits))
    }

    /// The language of a graph without calls.
    init(_ graph: RuleGraph) throws(GrammarError) {
        let rule = try graph.determinized()
        states = rule.nodes.map { node in
            precondition(node.calls.isEmpty, "a regular language calls \(node.calls.count) rules")
            return State(
                edges: node.edges.map { Edge(bytes: $0.bytes, target: $0.target) },
                isFinal: node.isFinal
            )
        }
        trim()
    }

    /// The language that `steps` and `isFinal` describe, made state by state from `start`.
    init<S: Hashable>(
        exploring start: S,
        limits: GrammarLimits,
        isFinal: (S) -> Bool,
        steps: (S) -> [(ByteRange, S)]
    ) throws(GrammarError) {
        var found = [start]
        var numbers = [start: Int32(0)]
        states = []
        while states.count < found.count {
            let state = found[states.count]
            var edges: [Edge] = []
            for (bytes, next) in steps(state) {
                let number: Int32
                if let known = numbers[next] {
                    number = known
                } else {
                    guard found.count < limits.stateCount else {
                        throw .overLimit(what: "states", limit: limits.stateCount)
                    }
                    number = Int32(found.count)
                    numbers[next] = number
                    found.append(next)
                }
                edges.append(Edge(bytes: bytes, target: number))
            }
            states.append(State(edges: edges, isFinal: isFinal(state)))
        }
        trim()
    }

    /// What is in both languages.
    func intersection(
        _ other: ByteAutomaton,
        limits: GrammarLimits
    ) throws(GrammarError) -> ByteAutomaton {
        try ByteAutomaton(
            exploring: Pair(first: 0, second: 0),
            limits: limits,
            isFinal: { self.states[$0.first].isFinal && other.states[$0.second].isFinal },
            steps: { pair in
                self.states[pair.first].edges.flatMap { edge in
                    other.states[pair.second].edges.compactMap { otherEdge in
                        edge.bytes.intersection(otherEdge.bytes).map {
                            ($0, Pair(first: Int(edge.target), second: Int(otherEdge.target)))
                        }
                    }
                }
            }
        )
    }

    /// What is in this language and none of `texts`.
    func subtracting(
        _ texts: [[UInt8]],
        limits: GrammarLimits
    ) throws(GrammarError) -> ByteAutomaton {
        guard !texts.isEmpty else { return self }
        let trie = try ByteAutomaton(.choice(texts.map { .literal($0) }), limits: limits)
        return try ByteAutomaton(
            exploring: Pair(first: 0, second: 0),
            limits: limits,
            isFinal: {
                self.states[$0.first].isFinal
                    && !($0.second >= 0 && trie.states[$0.second].isFinal)
            },
            steps: { pair in
                self.states[pair.first].edges.flatMap { edge in
                    trie.split(edge.bytes, at: pair.second).map {
                        ($0.0, Pair(first: Int(edge.target), second: $0.1))
                    }
                }
            }
        )
    }

    /// The pieces of `range` with the state that each leads to from `state`, or -1.
    private func split(_ range: ByteRange, at state: Int) -> [(ByteRange, Int)] {
        guard state >= 0 else { return [(range, -1)] }
        var pieces: [(ByteRange, Int)] = []
        var next = Int(range.lower)
        for edge in states[state].edges {
            guard let common = edge.bytes.intersection(range) else { continue }
            if Int(common.lower) > next {
                pieces.append((ByteRange(UInt8(next), common.lower - 1), -1))
            }
            pieces.append((common, Int(edge.target)))
            next = Int(common.upper) + 1
        }
        if next <= Int(range.upper) { pieces.append((ByteRange(UInt8(next), range.upper), -1)) }
        return pieces
    }

    func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        var state = 0
        for byte in bytes {
            guard
                let edge = states[state].edges.first(where: {
                    $0.bytes.lower <= byte && byte <= $0.bytes.upper
                })
            else { return false }
            state = Int(edge.target)
        }
        return states[state].isFinal
    }

    private struct Pair: Hashable {
        var first: Int
        var second: Int
    }

    /// Removes the states from which no end can be reached.
    private mutating func trim() {
        var sources = [[Int32]](repeating: [], count: states.count)
        for (index, state) in states.enumerated() {
            for edge in state.edges { sources[Int(edge.target)].append(Int32(index)) }
        }
        var isUseful = states.map(\.isFinal)
        var stack = states.indices.filter { isUseful[$0] }
        while let state = stack.popLast() {
            for source in sources[state] where !isUseful[Int(source)] {
                isUseful[Int(source)] = true
                stack.append(Int(source))
            }
        }
        isUseful[0] = true
        var numbers = [Int32](repeating: -1, count: states.count)
        var kept: Int32 = 0
        for index in states.indices where isUseful[index] {
            numbers[index] = kept
            kept += 1
        }
        states = states.indices.filter { isUseful[$0] }.map { index in
            var state = states[index]
            state.edges = state.edges.filter { numbers[Int($0.target)] >= 0 }
                .map { Edge(bytes: $0.bytes, target: numbers[Int($0.target)]) }
            return state
        }
    }
}
