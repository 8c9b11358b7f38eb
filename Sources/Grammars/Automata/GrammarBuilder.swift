/// Collects rules and makes a `Grammar` of them.
struct GrammarBuilder {
    let limits: GrammarLimits
    private var names: [String] = []
    private var rules: [DeterministicRule?] = []
    private var symbols: [Symbol] = []
    private var symbolNumbers: [Symbol: Int] = [:]
    private var stateCount = 0

    struct Symbol: Hashable {
        var rule: Int
        var minimum = 1
        var maximum: Int? = 1
        var isRepeated = false
    }

    init(limits: GrammarLimits) { self.limits = limits }

    /// A rule that is defined later, so that others, or itself, can call it. `name` is for errors.
    mutating func declare(_ name: String) -> Int {
        names.append(name)
        rules.append(nil)
        return rules.count - 1
    }

    mutating func define(_ rule: Int, as expression: Expression) throws(GrammarError) {
        try define(rule, as: RuleGraph(expression, limits: limits))
    }

    mutating func define(_ rule: Int, as graph: RuleGraph) throws(GrammarError) {
        precondition(rules[rule] == nil, "the rule \(names[rule]) is defined twice")
        let deterministic = try graph.determinized()
        stateCount += deterministic.nodes.count
        guard stateCount <= limits.stateCount else {
            throw .overLimit(what: "states", limit: limits.stateCount)
        }
        rules[rule] = deterministic
    }

    /// The symbol that reads a rule once.
    mutating func symbol(_ rule: Int) -> Int { number(of: Symbol(rule: rule)) }

    /// The symbol that reads a rule `minimum` to `maximum` times, counting instead of unrolling.
    /// The rule must not match the empty text.
    mutating func symbol(repeating rule: Int, minimum: Int, maximum: Int?) -> Int {
        number(
            of: Symbol(rule: rule, minimum: minimum, maximum: maximum, isRepeated: true)
        )
    }

    private mutating func number(of symbol: Symbol) -> Int {
        if let known = symbolNumbers[symbol] { return known }
        symbols.append(symbol)
        symbolNumbers[symbol] = symbols.count - 1
        return symbols.count - 1
    }

    /// The grammar whose texts are those of the rule `root`.
    func build(root: Int) throws(GrammarError) -> Grammar {
        let rules = rules.enumerated().map { index, rule in
            guard let rule else { preconditionFailure("the rule \(names[index]) is not defined") }
            return rule
        }
        var isProductive = rules.map { [Bool](repeating: false, count: $0.nodes.count) }
        var isNullable = [Bool](repeating: false, count: rules.count)
        settle(rules, &isProductive, &isNullable)
        guard isProductive[root][0] else { throw .unsatisfiable(path: names[root]) }
        try refuseLeftRecursion(rules, isNullable)
        return flatten(rules, isProductive, root: root)
    }
}

extension GrammarBuilder {
    /// Least fixed points: which nodes reach an end, and which rules match the empty text.
    private func settle(
        _ rules: [DeterministicRule],
        _ isProductive: inout [[Bool]],
        _ isNullable: inout [Bool]
    ) {
        var reachesEnd = rules.map { $0.nodes.map(\.isFinal) }  // without reading anything
        var hasChanged = true
        while hasChanged {
            hasChanged = false
            for (index, rule) in rules.enumerated() {
                for state in rule.nodes.indices.reversed() {
                    let node = rule.nodes[state]
                    if !isProductive[index][state] {
                        let leads =
                            node.isFinal
                            || node.edges.contains { isProductive[index][Int($0.target)] }
                            || node.calls.contains {
                                let symbol = symbols[$0.symbol]
                                return (symbol.minimum == 0 || isProductive[symbol.rule][0])
                                    && isProductive[index][Int($0.target)]
                            }
                        if leads {
                            isProductive[index][state] = true
                            hasChanged = true
                        }
                    }
                    if !reachesEnd[index][state],
                        node.calls.contains(where: {
                            let symbol = symbols[$0.symbol]
                            return (symbol.minimum == 0 || reachesEnd[symbol.rule][0])
                                && reachesEnd[index][Int($0.target)]
                        })
                    {
                        reachesEnd[index][state] = true
                        hasChanged = true
                    }
                }
            }
        }
        for index in rules.indices { isNullable[index] = reachesEnd[index][0] }
        for symbol in symbols where symbol.isRepeated {
            precondition(
                !isNullable[symbol.rule],
                "the repeated rule \(names[symbol.rule]) matches the empty text"
            )
        }
    }

    /// A rule that can call itself before anything is read would be called for ever.
    private func refuseLeftRecursion(
        _ rules: [DeterministicRule],
        _ isNullable: [Bool]
    ) throws(GrammarError) {
        let callees = rules.map { rule in
            var found: Set<Int> = []
            var seen: Set<Int> = [0]
            var stack = [0]
            while let state = stack.popLast() {
                for call in rule.nodes[state].calls {
                    let symbol = symbols[call.symbol]
                    found.insert(symbol.rule)
                    if symbol.minimum == 0 || isNullable[symbol.rule],
                        seen.insert(Int(call.target)).inserted
                    {
                        stack.append(Int(call.target))
                    }
                }
            }
            return found.sorted()
        }
        // Depth first with the way down on an explicit stack; a rule on the way again is a cycle.
        enum Color { case new, open, done }
        var colors = [Color](repeating: .new, count: rules.count)
        for first in rules.indices where colors[first] == .new {
            var path = [(rule: first, next: 0)]
            colors[first] = .open
            while let top = path.last {
                guard top.next < callees[top.rule].count else {
                    colors[top.rule] = .done
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let callee = callees[top.rule][top.next]
                if colors[callee] == .open { throw .leftRecursion(rule: names[callee]) }
                if colors[callee] == .new {
                    colors[callee] = .open
                    path.append((callee, 0))
                }
            }
        }
    }

    /// One array of nodes for all rules, without what is not productive.
    private func flatten(
        _ rules: [DeterministicRule],
        _ isProductive: [[Bool]],
        root: Int
    ) -> Grammar {
        var numbers: [[Int32]] = []
        var count: Int32 = 0
        for rule in rules.indices {
            numbers.append(
                isProductive[rule].map { isKept in
                    defer { count += isKept ? 1 : 0 }
                    return isKept ? count : -1
                }
            )
        }
        var nodes: [Grammar.Node] = []
        var edges: [Grammar.Edge] = []
        var calls: [Grammar.Call] = []
        for (index, rule) in rules.enumerated() {
            for (state, node) in rule.nodes.enumerated() where numbers[index][state] >= 0 {
                let firstEdge = Int32(edges.count)
                for edge in node.edges where numbers[index][Int(edge.target)] >= 0 {
                    edges.append(
                        Grammar.Edge(bytes: edge.bytes, target: numbers[index][Int(edge.target)])
                    )
                }
                let firstCall = Int32(calls.count)
                for call in node.calls where numbers[index][Int(call.target)] >= 0 {
                    let symbol = symbols[call.symbol]
                    guard symbol.minimum == 0 || isProductive[symbol.rule][0] else { continue }
                    calls.append(
                        Grammar.Call(
                            symbol: Int32(call.symbol),
                            target: numbers[index][Int(call.target)]
                        )
                    )
                }
                nodes.append(
                    Grammar.Node(
                        edges: firstEdge..<Int32(edges.count),
                        calls: firstCall..<Int32(calls.count),
                        isFinal: node.isFinal
                    )
                )
            }
        }
        let symbols = symbols.map { symbol in
            let start = numbers[symbol.rule][0]
            return Grammar.Symbol(
                start: start,
                minimum: Int32(clamping: symbol.minimum),
                maximum: start < 0 ? 0 : symbol.maximum.map { Int32(clamping: $0) } ?? .max,
                isRepeated: symbol.isRepeated
            )
        }
        return Grammar(
            nodes: nodes,
            edges: edges,
            calls: calls,
            symbols: symbols,
            start: numbers[root][0],
            limits: limits
        )
    }
}
