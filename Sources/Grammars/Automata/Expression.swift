/// A part of a rule: a regular expression over bytes that may also name other rules.
indirect enum Expression: Sendable {
    /// One byte of any of the ranges.
    case bytes([ByteRange])
    case literal([UInt8])
    case sequence([Expression])
    /// One of several; of none, nothing matches.
    case choice([Expression])
    /// Copies in a row, unrolled; without `maximum` any number.
    case repeated(Expression, minimum: Int, maximum: Int?)
    /// A symbol of the grammar (`GrammarBuilder.symbol`).
    case symbol(Int)
    /// A regular language that has been made already.
    case automaton(ByteAutomaton)
    /// An automaton that has been put together by hand.
    case graph(RuleGraph)

    static let empty = sequence([])
    static let never = choice([])

    static func text(_ text: String) -> Expression { .literal(Array(text.utf8)) }

    static func optional(_ expression: Expression) -> Expression {
        .repeated(expression, minimum: 0, maximum: 1)
    }
}
