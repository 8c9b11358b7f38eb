/// Tokens to syntax tree: recursive descent, one function per rule of Jinja's grammar.
///
/// Statements are in `JinjaParser+Statements.swift`, expressions in the other extensions.
package struct JinjaParser {
    let source: [Unicode.Scalar]
    let limits: JinjaLimits
    private let tokens: [JinjaToken]
    private var index = 0
    private var nesting = 0

    var symbols = JinjaSymbols()
    /// How often each special name was read so far; a body that raised the count mentions it.
    var mentions: [Int: Int] = [:]
    /// Loops around the current statement within the same macro, for `break` and `continue`.
    var loopDepth = 0
    /// Directly inside `{% if %}`, where Jinja reports unknown filters only when they run.
    var isSoft = false
    /// Unknown filters and tests met elsewhere: the first one is the template's error.
    var unknowns: [(offset: Int, message: String)] = []

    private init(
        tokens: [JinjaToken],
        source: [Unicode.Scalar],
        limits: JinjaLimits
    ) {
        self.tokens = tokens
        self.source = source
        self.limits = limits
    }

    /// The whole template. The symbols tell the interpreter which name has which number.
    package static func parse(
        _ text: String,
        limits: JinjaLimits = JinjaLimits()
    ) throws(JinjaError) -> JinjaProgram {
        guard text.utf8.count <= limits.sourceLength * 4,
            text.unicodeScalars.count <= limits.sourceLength
        else {
            throw JinjaFault(
                .limit,
                "the template is longer than \(limits.sourceLength) characters: shorten it"
            ).located(at: 0, in: [])
        }
        var lexer = JinjaLexer(text)
        let tokens = try lexer.run()
        var parser = JinjaParser(tokens: tokens, source: lexer.source, limits: limits)
        let body = try parser.parseBody(until: [])
        if let unknown = parser.unknowns.first {
            throw parser.failure(unknown.message, at: unknown.offset)
        }
        return JinjaProgram(
            body: body,
            symbols: parser.symbols,
            source: lexer.source,
            limits: limits
        )
    }
}

/// A parsed template.
package struct JinjaProgram: Sendable {
    package let body: [JinjaStatement]
    package let symbols: JinjaSymbols
    let source: [Unicode.Scalar]
    let limits: JinjaLimits
}

// MARK: - Tokens

extension JinjaParser {
    var current: JinjaToken { tokens[index] }

    var next: JinjaToken { tokens[min(index + 1, tokens.count - 1)] }

    mutating func advance() {
        if index < tokens.count - 1 { index += 1 }
    }

    func isAt(_ symbol: JinjaSymbol) -> Bool {
        current.kind == .symbol(symbol)
    }

    func isAt(word: String) -> Bool {
        if case .name(let name) = current.kind { name == word } else { false }
    }

    mutating func skip(_ symbol: JinjaSymbol) -> Bool {
        guard isAt(symbol) else { return false }
        advance()
        return true
    }

    mutating func skip(word: String) -> Bool {
        guard isAt(word: word) else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: JinjaToken.Kind) throws(JinjaError) {
        guard current.kind == kind else {
            throw failure("expected \(kind), found \(current.kind)")
        }
        advance()
    }

    mutating func expect(_ symbol: JinjaSymbol) throws(JinjaError) {
        try expect(.symbol(symbol))
    }

    mutating func expect(word: String) throws(JinjaError) {
        try expect(.name(word))
    }

    mutating func expectName() throws(JinjaError) -> String {
        guard case .name(let name) = current.kind else {
            throw failure("expected a name, found \(current.kind)")
        }
        advance()
        return name
    }

    func failure(
        _ message: String,
        kind: JinjaError.Kind = .syntax,
        at offset: Int? = nil
    ) -> JinjaError {
        JinjaFault(kind, message).located(at: offset ?? current.offset, in: source)
    }

    /// Runs `parse` one level deeper, up to the limit: the parser recurses where the source nests.
    mutating func nested<T>(
        _ parse: (inout JinjaParser) throws(JinjaError) -> T
    ) throws(JinjaError) -> T {
        guard nesting < limits.sourceNesting else {
            throw failure(
                "brackets or blocks nest deeper than \(limits.sourceNesting) levels: flatten them",
                kind: .limit
            )
        }
        nesting += 1
        defer { nesting -= 1 }
        return try parse(&self)
    }

    /// A node over `children`, refused when the tree would grow too high to walk safely.
    func make(
        _ node: JinjaExpression.Node,
        at offset: Int,
        over children: [JinjaExpression] = []
    ) throws(JinjaError) -> JinjaExpression {
        var height: Int32 = 0
        for child in children { height = max(height, child.height) }
        guard height < limits.expressionHeight else {
            throw failure(
                "this expression has more than \(limits.expressionHeight) levels: split it up",
                kind: .limit,
                at: offset
            )
        }
        return JinjaExpression(node: node, offset: Int32(offset), height: height + 1)
    }
}
