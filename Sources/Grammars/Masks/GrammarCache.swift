import Synchronization

/// What constrains an output, as a request says it.
public enum GrammarSource: Hashable, Sendable {
    case jsonSchema(JSONValue, JSONSchemaOptions)
    case jsonObject(JSONSchemaOptions)
    case regex(String)
    case choice([String])
    /// GBNF or Lark.
    case ebnf(String)
    /// Calls of some tools, in a model's own format.
    case toolCalls(ToolCallConstraint)

    /// The grammar of the constraint.
    ///
    /// - Throws: `GrammarError`, whose description is fit for the client.
    public func compiled(limits: GrammarLimits = GrammarLimits()) throws(GrammarError) -> Grammar {
        switch self {
        case .jsonSchema(let schema, let options):
            try Grammar(jsonSchema: schema, options: options, limits: limits)
        case .jsonObject(let options): try Grammar(jsonObject: options, limits: limits)
        case .regex(let regex): try Grammar(regex: regex, limits: limits)
        case .choice(let texts): try Grammar(choice: texts, limits: limits)
        case .ebnf(let text): try Grammar(ebnf: text, limits: limits)
        case .toolCalls(let constraint): try Grammar(toolCalls: constraint, limits: limits)
        }
    }
}

/// The masks of the grammars that were used last, for one vocabulary: clients send the same schema
/// with every request.
public final class GrammarCache: Sendable {
    private let trie: TokenTrie
    private let limits: GrammarLimits
    private let capacity: Int
    private let entries: Mutex<Entries>

    private struct Entries: Sendable {
        var masks: [GrammarSource: TokenMasks] = [:]
        /// The last used one last.
        var order: [GrammarSource] = []
    }

    /// - Parameter capacity: The number of grammars that are kept.
    public init(_ trie: TokenTrie, capacity: Int = 64, limits: GrammarLimits = GrammarLimits()) {
        precondition(capacity > 0, "a cache of \(capacity) grammars keeps none")
        self.trie = trie
        self.limits = limits
        self.capacity = capacity
        entries = Mutex(Entries())
    }

    /// The masks for a constraint, made now if they are not there. Two tasks that ask for a new one
    /// at once both make it, rather than one waiting for the other.
    ///
    /// - Throws: `GrammarError`, whose description is fit for the client.
    public func masks(for source: GrammarSource) throws(GrammarError) -> TokenMasks {
        if let known = use(source) { return known }
        let masks = TokenMasks(try source.compiled(limits: limits), trie)
        entries.withLock { entries in
            guard entries.masks[source] == nil else { return }
            if entries.order.count >= capacity {
                entries.masks[entries.order.removeFirst()] = nil
            }
            entries.masks[source] = masks
            entries.order.append(source)
        }
        return masks
    }

    /// The number of grammars that are kept now.
    public var count: Int { entries.withLock { $0.order.count } }

    private func use(_ source: GrammarSource) -> TokenMasks? {
        entries.withLock { entries in
            guard let known = entries.masks[source] else { return nil }
            if let place = entries.order.firstIndex(of: source) {
                entries.order.append(entries.order.remove(at: place))
            }
            return known
        }
    }
}
