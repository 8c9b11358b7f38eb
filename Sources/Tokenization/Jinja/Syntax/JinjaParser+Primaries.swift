// Literals, names and what is in brackets.

extension JinjaParser {
    mutating func parsePrimary() throws(JinjaError) -> JinjaExpression {
        let token = current
        switch token.kind {
        case .name(let name):
            advance()
            return try make(nameNode(name), at: token.offset)
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return try make(.literal(.string(text)), at: token.offset)
        case .integer(let value):
            advance()
            return try make(.literal(.integer(value)), at: token.offset)
        case .float(let value):
            advance()
            return try make(.literal(.float(value)), at: token.offset)
        case .symbol(.leftParenthesis):
            advance()
            let value = try parseTuple(isParenthesized: true)
            try expect(.rightParenthesis)
            return value
        case .symbol(.leftBracket): return try parseList()
        case .symbol(.leftBrace): return try parseObject()
        default:
            throw failure("expected an expression, found \(token.kind)")
        }
    }

    private mutating func nameNode(_ name: String) -> JinjaExpression.Node {
        switch name {
        case "true", "True": return .literal(.bool(true))
        case "false", "False": return .literal(.bool(false))
        case "none", "None": return .literal(.none)
        default:
            let symbol = symbols.index(of: name)
            mentions[symbol, default: 0] += 1
            return .variable(symbol)
        }
    }

    /// An expression, or several with commas between them, which make a tuple.
    mutating func parseTuple(
        allowsConditional: Bool = true,
        endsAtRecursive: Bool = false,
        isParenthesized: Bool = false
    ) throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        var elements: [JinjaExpression] = []
        var isTuple = false
        while true {
            if isTupleEnd(endsAtRecursive: endsAtRecursive) { break }
            elements.append(
                allowsConditional
                    ? try parseExpression()
                    : try nested { parser throws(JinjaError) in try parser.parseOr() }
            )
            guard skip(.comma) else { break }
            isTuple = true
        }
        if !isTuple {
            if let only = elements.first { return only }
            guard isParenthesized else {
                throw failure("expected an expression, found \(current.kind)")
            }
        }
        return try make(.tuple(elements), at: start, over: elements)
    }

    private func isTupleEnd(endsAtRecursive: Bool) -> Bool {
        switch current.kind {
        case .outputEnd, .tagEnd, .symbol(.rightParenthesis): true
        case .name("recursive"): endsAtRecursive
        default: false
        }
    }

    private mutating func parseList() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        try expect(.leftBracket)
        var elements: [JinjaExpression] = []
        while !isAt(.rightBracket) {
            if !elements.isEmpty { try expect(.comma) }
            if isAt(.rightBracket) { break }
            elements.append(try parseExpression())
        }
        try expect(.rightBracket)
        return try make(.list(elements), at: start, over: elements)
    }

    private mutating func parseObject() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        try expect(.leftBrace)
        var entries: [(key: JinjaExpression, value: JinjaExpression)] = []
        while !isAt(.rightBrace) {
            if !entries.isEmpty { try expect(.comma) }
            if isAt(.rightBrace) { break }
            let key = try parseExpression()
            try expect(.colon)
            entries.append((key, try parseExpression()))
        }
        try expect(.rightBrace)
        return try make(
            .object(entries),
            at: start,
            over: entries.flatMap { [$0.key, $0.value] }
        )
    }
}
