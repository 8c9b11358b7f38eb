/// One place in a grammar: a node, and what to do when its rule ends.
struct Configuration: Hashable, Comparable, Sendable {
    var node: Int32
    var stack: StackArena.ID

    static func < (left: Self, right: Self) -> Bool {
        (left.node, left.stack) < (right.node, right.stack)
    }
}

/// All places where one text may be at once.
struct ConfigurationSet: Hashable, Sendable {
    /// Those that read a byte next, ascending.
    var readers: [Configuration] = []
    /// Whether the bottom of the stack was reached: all that was called has ended.
    var reachesBottom = false

    var isDead: Bool { readers.isEmpty && !reachesBottom }
}

extension Grammar {
    /// What can be reached from some places without reading a byte, by calls and returns.
    ///
    /// - Throws: `GrammarError.overLimit` if the text is in too many places at once.
    func closure(
        of places: [Configuration],
        in arena: inout StackArena
    ) throws(GrammarError) -> ConfigurationSet {
        var seen = Set(places)
        var pending = places
        var closed = ConfigurationSet()

        while let place = pending.popLast() {
            func reach(_ node: Int32, _ stack: StackArena.ID) {
                let next = Configuration(node: node, stack: stack)
                if seen.insert(next).inserted { pending.append(next) }
            }
            guard seen.count <= ambiguity else {
                throw .overLimit(what: "places at once", limit: ambiguity)
            }
            let node = nodes[Int(place.node)]
            if !node.edges.isEmpty { closed.readers.append(place) }
            for index in node.calls {
                let call = calls[Int(index)]
                let symbol = symbols[Int(call.symbol)]
                if symbol.minimum == 0 && symbol.isRepeated { reach(call.target, place.stack) }
                guard symbol.maximum > 0 else { continue }
                if !symbol.isRepeated && nodes[Int(call.target)].isTail {
                    reach(symbol.start, place.stack)
                    continue
                }
                let frame = StackArena.Frame(
                    target: call.target,
                    body: symbol.isRepeated ? symbol.start : -1,
                    minimum: symbol.minimum,
                    maximum: symbol.maximum,
                    parent: place.stack
                )
                reach(symbol.start, arena.push(frame))
            }
            guard node.isFinal else { continue }
            guard place.stack != StackArena.empty else {
                closed.reachesBottom = true
                continue
            }
            var frame = arena[place.stack]
            guard frame.isRepeated else {
                reach(frame.target, frame.parent)
                continue
            }
            frame.minimum = max(0, frame.minimum - 1)
            if frame.maximum != Self.unbounded { frame.maximum -= 1 }
            if frame.minimum == 0 { reach(frame.target, frame.parent) }
            if frame.maximum > 0 { reach(frame.body, arena.push(frame)) }
        }
        closed.readers.sort()
        return closed
    }

    /// The places after one byte.
    func step(
        _ places: ConfigurationSet,
        reading byte: UInt8,
        in arena: inout StackArena
    ) throws(GrammarError) -> ConfigurationSet {
        let next = places.readers.compactMap { place in
            target(from: place.node, reading: byte).map {
                Configuration(node: $0, stack: place.stack)
            }
        }
        return try closure(of: next, in: &arena)
    }
}
