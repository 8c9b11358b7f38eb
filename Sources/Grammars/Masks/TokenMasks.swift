import Synchronization

/// Which tokens may come next, for one grammar and one vocabulary; shared by all requests that have
/// both.
///
/// Most of a mask depends only on the innermost rule. That part is computed once, in one walk over
/// the vocabulary's trie, and kept. What is left are tokens that run over the end of the rule, such
/// as `",`: the walk notes where in the trie the rule ended, and only what is beneath is walked
/// again with the caller's stack.
public final class TokenMasks: Sendable {
    public let grammar: Grammar
    public let trie: TokenTrie
    private let computed: Mutex<Computed>

    public init(_ grammar: Grammar, _ trie: TokenTrie) {
        self.grammar = grammar
        self.trie = trie
        computed = Mutex(Computed(LocalAutomaton(grammar, longest: trie.longest)))
    }

    /// The tokens after which the text is still the beginning of one of the language, and the end
    /// tokens exactly where it may end.
    ///
    /// - Throws: `GrammarError.overLimit` if the grammar is too ambiguous.
    public func mask(for matcher: Matcher) throws(GrammarError) -> TokenSet {
        let result = computed.withLock { computed in
            Result { () throws(GrammarError) in
                if computed.automaton.stateCount > Computed.stateLimit
                    || computed.masks.count > Computed.maskLimit
                {
                    computed = Computed(LocalAutomaton(grammar, longest: trie.longest))
                }
                return try computed.mask(for: matcher, trie: trie)
            }
        }
        var mask = try result.get()
        if matcher.mayEnd {
            for token in trie.endTokens { mask.insert(token) }
        }
        return mask
    }

    fileprivate struct Computed: Sendable {
        /// From these sizes on everything is forgotten and computed anew when needed: a grammar
        /// cannot hold more than tens of megabytes.
        static let stateLimit = 1 << 16
        static let maskLimit = 1 << 9

        var automaton: LocalAutomaton
        var masks: [LocalAutomaton.State: LocalMask] = [:]
        /// The states on the way to a trie node.
        var path: [LocalAutomaton.State] = []

        init(_ automaton: LocalAutomaton) { self.automaton = automaton }
    }

    /// What may come next as far as the innermost rule can tell.
    fileprivate struct LocalMask: Sendable {
        var tokens: TokenSet
        /// Trie nodes at which the rule may have ended while tokens go on.
        var exits: [Int32] = []
    }
}

extension TokenMasks.Computed {
    fileprivate mutating func mask(
        for matcher: Matcher,
        trie: TokenTrie
    ) throws(GrammarError) -> TokenSet {
        var groups: [StackArena.ID: [(node: Int32, frames: [StackArena.Frame])]] = [:]
        for place in matcher.places.readers {
            let (frames, base) = matcher.stacks.local(place.stack)
            groups[base, default: []].append((place.node, frames))
        }
        var result = TokenSet(tokenCount: trie.tokenCount)
        for (base, places) in groups {
            let local = try localMask(of: automaton.state(ofClosed: places), trie)
            result.formUnion(local.tokens)
            try insertRest(behind: local.exits, base, matcher.stacks, trie, into: &result)
        }
        return result
    }

    private mutating func localMask(
        of state: LocalAutomaton.State,
        _ trie: TokenTrie
    ) throws(GrammarError) -> TokenMasks.LocalMask {
        if let known = masks[state] { return known }
        var local = TokenMasks.LocalMask(tokens: TokenSet(tokenCount: trie.tokenCount))
        try walk(0..<trie.nodeCount, from: state, depth: 0, trie, &local.tokens, &local.exits)
        masks[state] = local
        return local
    }

    /// Adds the tokens beneath some trie nodes that go on after returning to `base`.
    private mutating func insertRest(
        behind exits: [Int32],
        _ base: StackArena.ID,
        _ stacks: StackArena,
        _ trie: TokenTrie,
        into tokens: inout TokenSet
    ) throws(GrammarError) {
        var exits = exits
        var base = base
        while base != StackArena.empty, !exits.isEmpty {
            let (frames, next) = stacks.local(stacks[base].parent)
            let state = try automaton.state(at: stacks[base].target, in: frames)
            var further = automaton.reachesBottom(state) ? exits : []
            for exit in exits {
                let beneath = Int(exit) + 1..<Int(trie.skips[Int(exit)])
                let depth = Int(trie.depths[Int(exit)])
                try walk(beneath, from: state, depth: depth, trie, &tokens, &further)
            }
            exits = further
            base = next
        }
    }

    /// Walks trie nodes under one of `depth`, and notes the tokens and the exits.
    private mutating func walk(
        _ range: Range<Int>,
        from state: LocalAutomaton.State,
        depth: Int,
        _ trie: TokenTrie,
        _ tokens: inout TokenSet,
        _ exits: inout [Int32]
    ) throws(GrammarError) {
        if path.count <= trie.longest {
            path = [LocalAutomaton.State](repeating: 0, count: trie.longest + 1)
        }
        path[depth] = state
        var node = range.lowerBound
        while node < range.upperBound {
            let level = Int(trie.depths[node])
            let next = try automaton.target(from: path[level - 1], reading: trie.bytes[node])
            guard next != LocalAutomaton.dead else {
                node = Int(trie.skips[node])
                continue
            }
            path[level] = next
            for index in trie.firstToken[node]..<trie.firstToken[node + 1] {
                tokens.insert(trie.tokens[Int(index)])
            }
            if automaton.reachesBottom(next), trie.hasChildren(node) { exits.append(Int32(node)) }
            node += 1
        }
    }
}
