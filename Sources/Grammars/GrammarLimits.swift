/// Bounds on what a client may send as a grammar, and on the work that it may cause.
public struct GrammarLimits: Sendable {
    /// The bytes of a schema, expression or grammar.
    public var sourceByteCount = 1 << 18
    /// How deep a schema, expression or grammar may nest.
    public var depth = 64
    /// The states of the automaton.
    public var stateCount = 100_000
    /// States visited while it is made: a short expression can ask for exponentially many.
    public var workCount = 5_000_000
    /// Alternatives into which `anyOf` with siblings and `allOf` may multiply.
    public var alternativeCount = 64
    /// Places in the grammar where one text may be at once. More means exponential ambiguity.
    public var ambiguity = 2_000

    public init() {}
}
