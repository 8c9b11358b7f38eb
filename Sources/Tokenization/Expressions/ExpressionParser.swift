/// Reads an expression in the dialect of Oniguruma (Ruby's), as far as tokenizers use it: no
/// captures are kept, and there are no references to them.
struct ExpressionParser {
    let text: [UInt32]
    var position = 0
    var ignoresCase = false
    private var depth = 0

    init(_ pattern: String) { text = pattern.unicodeScalars.map(\.value) }

    static func parse(_ pattern: String) throws(ExpressionError) -> ExpressionNode {
        var parser = ExpressionParser(pattern)
        guard parser.text.count <= ExpressionLimits.scalarCount else {
            throw ExpressionError(problem: "it has \(parser.text.count) characters")
        }
        let node = try parser.alternatives()
        guard parser.position == parser.text.count else {
            throw parser.failure("')' is not opened")
        }
        return node
    }

    func failure(_ problem: String) -> ExpressionError {
        ExpressionError(problem: "at its character \(position) \(problem)")
    }

    var current: UInt32? { position < text.count ? text[position] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar.value else { return false }
        position += 1
        return true
    }

    mutating func take(_ word: String) -> Bool {
        let scalars = word.unicodeScalars.map(\.value)
        guard text[position...].starts(with: scalars) else { return false }
        position += scalars.count
        return true
    }

    // MARK: - Structure

    private mutating func alternatives() throws(ExpressionError) -> ExpressionNode {
        guard depth < ExpressionLimits.depth else { throw failure("groups nest too deep") }
        depth += 1
        defer { depth -= 1 }
        var nodes = [try sequence()]
        while take("|" as Unicode.Scalar) { nodes.append(try sequence()) }
        return nodes.count == 1 ? nodes[0] : .alternatives(nodes)
    }

    private mutating func sequence() throws(ExpressionError) -> ExpressionNode {
        var nodes: [ExpressionNode] = []
        while let scalar = current, scalar != 0x7C, scalar != 0x29 {
            // `(?i)` holds for the rest of the group.
            if take("(?i)") {
                let outer = ignoresCase
                ignoresCase = true
                nodes.append(try alternatives())
                ignoresCase = outer
            } else {
                nodes.append(try repeated(try atom()))
            }
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    private mutating func repeated(
        _ atom: ExpressionNode
    ) throws(ExpressionError) -> ExpressionNode {
        var node = atom
        while let (minimum, maximum, isCounted) = try quantifier() {
            if maximum == nil, node.isNullable {
                throw failure("what may be empty is repeated, which is not supported")
            }
            var greed = ExpressionNode.Greed.greedy
            if take("?" as Unicode.Scalar) {
                greed = .lazy
            } else if !isCounted, take("+" as Unicode.Scalar) {
                greed = .possessive
            }
            node = .repetition(node, minimum: minimum, maximum: maximum, greed)
        }
        return node
    }

    private mutating func quantifier() throws(ExpressionError) -> (Int, Int?, isCounted: Bool)? {
        if take("?" as Unicode.Scalar) { return (0, 1, false) }
        if take("*" as Unicode.Scalar) { return (0, nil, false) }
        if take("+" as Unicode.Scalar) { return (1, nil, false) }
        let start = position
        guard take("{" as Unicode.Scalar) else { return nil }
        let minimum = number()
        let hasComma = take("," as Unicode.Scalar)
        let maximum = hasComma ? number() : minimum
        // As in Oniguruma, braces of another form are text.
        guard take("}" as Unicode.Scalar), minimum != nil || maximum != nil else {
            position = start
            return nil
        }
        let least = minimum ?? 0
        guard least <= maximum ?? least, max(least, maximum ?? 0) <= ExpressionLimits.count else {
            throw failure("a repetition's bounds are out of order or too large")
        }
        return (least, maximum, true)
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = current, (0x30...0x39).contains(scalar), value ?? 0 < 100_000 {
            value = (value ?? 0) * 10 + Int(scalar - 0x30)
            position += 1
        }
        return value
    }

    private mutating func atom() throws(ExpressionError) -> ExpressionNode {
        guard let scalar = current else { return .empty }
        switch Unicode.Scalar(scalar) {
        case "(": return try group()
        case "[":
            position += 1
            return .set(try bracketed().prepared(ignoringCase: ignoresCase))
        case "\\": return try escape()
        case ".":
            position += 1
            return .set(
                ScalarSet([.range(0xA...0xA)], isNegated: true).prepared(ignoringCase: false)
            )
        case "^":
            position += 1
            return .place(.lineStart)
        case "$":
            position += 1
            return .place(.lineEnd)
        case "?", "*", "+": throw failure("there is nothing to repeat")
        default:
            position += 1
            return .set(ScalarSet(scalar: scalar).prepared(ignoringCase: ignoresCase))
        }
    }

    private mutating func group() throws(ExpressionError) -> ExpressionNode {
        let outer = ignoresCase
        defer { ignoresCase = outer }
        var wrap: (ExpressionNode) -> ExpressionNode = { $0 }
        if take("(?:") {
        } else if take("(?i:") {
            ignoresCase = true
        } else if take("(?-i:") {
            ignoresCase = false
        } else if take("(?=") {
            wrap = { .look($0, .ahead, isNegated: false) }
        } else if take("(?!") {
            wrap = { .look($0, .ahead, isNegated: true) }
        } else if take("(?<=") {
            wrap = { .look($0, .behind, isNegated: false) }
        } else if take("(?<!") {
            wrap = { .look($0, .behind, isNegated: true) }
        } else if take("(?>") {
            wrap = { .atomic($0) }
        } else if take("(?") {
            throw failure("this kind of group is not supported")
        } else {
            position += 1
        }
        let node = try alternatives()
        guard take(")" as Unicode.Scalar) else { throw failure("a group never ends") }
        return wrap(node)
    }
}

/// What an expression may ask of this process.
enum ExpressionLimits {
    /// Characters; the longest published one has 400.
    static let scalarCount = 16_384
    /// Groups within each other.
    static let depth = 50
    /// The bounds of a repetition.
    static let count = 1000
    /// Instructions.
    static let instructionCount = 50_000
}
