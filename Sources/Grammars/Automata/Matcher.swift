/// How far a text has come in a grammar. A value: a copy goes its own way.
public struct Matcher: Sendable {
    public let grammar: Grammar
    private(set) var stacks = StackArena()
    private(set) var places: ConfigurationSet

    /// At the beginning of a text.
    public init(_ grammar: Grammar) throws(GrammarError) {
        self.grammar = grammar
        places = try grammar.closure(
            of: [Configuration(node: grammar.start, stack: StackArena.empty)],
            in: &stacks
        )
    }

    /// Whether the text may end here.
    public var mayEnd: Bool { places.reachesBottom }
    /// Whether it must: no byte can follow.
    public var mustEnd: Bool { places.readers.isEmpty }

    /// Reads bytes that follow.
    ///
    /// - Returns: Whether the text is still the beginning of one of the language. If not, nothing
    ///   has been read.
    /// - Throws: `GrammarError.overLimit` if the grammar is too ambiguous.
    public mutating func advance(_ bytes: some Sequence<UInt8>) throws(GrammarError) -> Bool {
        var next = places
        for byte in bytes {
            next = try grammar.step(next, reading: byte, in: &stacks)
            if next.isDead { return false }
        }
        places = next
        if stacks.frames.count > compactionThreshold { compact() }
        return true
    }

    /// The bytes that must come next, at most `limit`: the grammar leaves no other way.
    public func forcedBytes(limit: Int = 4_096) throws(GrammarError) -> [UInt8] {
        var forced: [UInt8] = []
        var here = places
        var arena = stacks
        while forced.count < limit, !here.reachesBottom, let byte = onlyByte(of: here) {
            forced.append(byte)
            here = try grammar.step(here, reading: byte, in: &arena)
        }
        return forced
    }

    private func onlyByte(of places: ConfigurationSet) -> UInt8? {
        var only: UInt8?
        for place in places.readers {
            for index in grammar.nodes[Int(place.node)].edges {
                let bytes = grammar.edges[Int(index)].bytes
                guard bytes.lower == bytes.upper, only == nil || only == bytes.lower else {
                    return nil
                }
                only = bytes.lower
            }
        }
        return only
    }

    /// The number of stacks from which it is worth looking for garbage.
    private var compactionThreshold = 1 << 14

    /// Forgets the stacks that nothing refers to any more.
    private mutating func compact() {
        var fresh = StackArena()
        places.readers = places.readers.map {
            Configuration(node: $0.node, stack: stacks.copy($0.stack, to: &fresh))
        }.sorted()
        stacks = fresh
        compactionThreshold = max(1 << 14, 2 * fresh.frames.count)
    }
}
