/// A rule after the subset construction: at most one edge for a byte and one for a symbol.
struct DeterministicRule {
    struct Node {
        /// Ascending and without overlap.
        var edges: [RuleGraph.Edge] = []
        var calls: [RuleGraph.Call] = []
        var isFinal = false
    }

    var nodes: [Node]
}

extension RuleGraph {
    /// The subset construction. The first node is the start.
    ///
    /// - Throws: `GrammarError.overLimit` for too many states, or too much work on the way.
    func determinized() throws(GrammarError) -> DeterministicRule {
        var subsets: [[State]] = []
        var numbers: [[State]: State] = [:]
        var mark = [Int32](repeating: -1, count: nodes.count)
        var work = 0

        func number(of targets: [State]) throws(GrammarError) -> State {
            let closed = closure(of: targets, mark: &mark, generation: Int32(work & 0x3fff_ffff))
            work += closed.count + 1
            guard work < limits.workCount else {
                throw .overLimit(what: "states to visit", limit: limits.workCount)
            }
            if let known = numbers[closed] { return known }
            guard subsets.count < limits.stateCount else {
                throw .overLimit(what: "states", limit: limits.stateCount)
            }
            let number = State(subsets.count)
            subsets.append(closed)
            numbers[closed] = number
            return number
        }

        _ = try number(of: [Self.start])
        var result: [DeterministicRule.Node] = []
        while result.count < subsets.count {
            let subset = subsets[result.count]
            var node = DeterministicRule.Node()
            node.isFinal = subset.contains { nodes[Int($0)].isFinal }
            for (bytes, targets) in byteSteps(of: subset) {
                node.edges.append(Edge(bytes: bytes, target: try number(of: targets)))
            }
            for (symbol, targets) in callSteps(of: subset) {
                node.calls.append(Call(symbol: symbol, target: try number(of: targets)))
            }
            node.mergeNeighbours()
            result.append(node)
        }
        return DeterministicRule(nodes: result)
    }

    /// All states that free edges reach, ascending; only those that do something.
    private func closure(of states: [State], mark: inout [Int32], generation: Int32) -> [State] {
        var stack = states
        var closed: [State] = []
        while let state = stack.popLast() {
            guard mark[Int(state)] != generation else { continue }
            mark[Int(state)] = generation
            let node = nodes[Int(state)]
            if node.isFinal || !node.edges.isEmpty || !node.calls.isEmpty { closed.append(state) }
            stack.append(contentsOf: node.free)
        }
        closed.sort()
        return closed
    }

    /// The ranges of bytes that lead to one set of states each, ascending.
    private func byteSteps(of subset: [State]) -> [(ByteRange, [State])] {
        var borders: Set<Int> = []
        for state in subset {
            for edge in nodes[Int(state)].edges {
                borders.insert(Int(edge.bytes.lower))
                borders.insert(Int(edge.bytes.upper) + 1)
            }
        }
        let ordered = borders.sorted()
        guard ordered.count > 1 else { return [] }
        var targets = [[State]](repeating: [], count: ordered.count - 1)
        for state in subset {
            for edge in nodes[Int(state)].edges {
                var piece = ordered.firstIndex(atLeast: Int(edge.bytes.lower))
                while piece < targets.count, ordered[piece] <= Int(edge.bytes.upper) {
                    targets[piece].append(edge.target)
                    piece += 1
                }
            }
        }
        return targets.indices.filter { !targets[$0].isEmpty }.map {
            (ByteRange(UInt8(ordered[$0]), UInt8(ordered[$0 + 1] - 1)), targets[$0])
        }
    }

    private func callSteps(of subset: [State]) -> [(Int, [State])] {
        var targets: [Int: [State]] = [:]
        for state in subset {
            for call in nodes[Int(state)].calls {
                targets[call.symbol, default: []].append(call.target)
            }
        }
        return targets.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

extension DeterministicRule.Node {
    /// Joins adjacent ranges that lead to the same state.
    fileprivate mutating func mergeNeighbours() {
        var merged: [RuleGraph.Edge] = []
        for edge in edges {
            if let last = merged.last, last.target == edge.target,
                Int(last.bytes.upper) + 1 == Int(edge.bytes.lower)
            {
                merged[merged.count - 1].bytes.upper = edge.bytes.upper
            } else {
                merged.append(edge)
            }
        }
        edges = merged
    }
}

extension [Int] {
    /// The index of the first element that is not under `value`, of an ascending array.
    fileprivate func firstIndex(atLeast value: Int) -> Int {
        var lower = 0
        var upper = count
        while lower < upper {
            let middle = (lower + upper) / 2
            if self[middle] < value { lower = middle + 1 } else { upper = middle }
        }
        return lower
    }
}
