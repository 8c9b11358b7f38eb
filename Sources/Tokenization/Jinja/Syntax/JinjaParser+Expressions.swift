// Operators, from the loosest to the tightest. As in Jinja, `**` groups to the left.

extension JinjaParser {
    mutating func parseExpression() throws(JinjaError) -> JinjaExpression {
        try nested { parser throws(JinjaError) in try parser.parseConditionalExpression() }
    }

    private mutating func parseConditionalExpression() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        let unknownCount = unknowns.count
        var value = try parseOr()
        while skip(word: "if") {
            let test = try parseOr()
            let otherwise = skip(word: "else") ? try parseExpression() : nil
            value = try make(
                .conditional(test, then: value, otherwise: otherwise),
                at: start,
                over: [value, test] + [otherwise].compactMap { $0 }
            )
            // Inside a conditional expression an unknown filter matters only when it runs.
            unknowns.removeSubrange(unknownCount...)
        }
        return value
    }

    mutating func parseOr() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        var left = try parseAnd()
        while skip(word: "or") {
            let right = try parseAnd()
            left = try make(.or(left, right), at: start, over: [left, right])
        }
        return left
    }

    private mutating func parseAnd() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        var left = try parseNot()
        while skip(word: "and") {
            let right = try parseNot()
            left = try make(.and(left, right), at: start, over: [left, right])
        }
        return left
    }

    private mutating func parseNot() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        guard skip(word: "not") else { return try parseComparison() }
        let operand = try nested { parser throws(JinjaError) in try parser.parseNot() }
        return try make(.not(operand), at: start, over: [operand])
    }

    private mutating func parseComparison() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        let first = try parseSum()
        var rest: [(JinjaComparison, JinjaExpression)] = []
        while let comparison = skipComparison() { rest.append((comparison, try parseSum())) }
        if rest.isEmpty { return first }
        return try make(.comparison(first, rest), at: start, over: [first] + rest.map(\.1))
    }

    private mutating func skipComparison() -> JinjaComparison? {
        if case .symbol(let symbol) = current.kind {
            guard let comparison = JinjaComparison(rawValue: symbol.rawValue) else { return nil }
            advance()
            return comparison
        }
        if skip(word: "in") { return .contained }
        if isAt(word: "not"), next.kind == .name("in") {
            advance()
            advance()
            return .notContained
        }
        return nil
    }

    private mutating func parseSum() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        var left = try parseConcatenation()
        while let symbol = skipOperator([.plus, .minus]) {
            let right = try parseConcatenation()
            left = try make(.binary(symbol, left, right), at: start, over: [left, right])
        }
        return left
    }

    private mutating func parseConcatenation() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        var parts = [try parseProduct()]
        while skip(.tilde) { parts.append(try parseProduct()) }
        return parts.count == 1 ? parts[0] : try make(.concatenation(parts), at: start, over: parts)
    }

    private mutating func parseProduct() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        var left = try parsePower()
        while let symbol = skipOperator([.multiply, .divide, .floorDivide, .modulo]) {
            let right = try parsePower()
            left = try make(.binary(symbol, left, right), at: start, over: [left, right])
        }
        return left
    }

    private mutating func parsePower() throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        var left = try parseUnary()
        while let symbol = skipOperator([.power]) {
            let right = try parseUnary()
            left = try make(.binary(symbol, left, right), at: start, over: [left, right])
        }
        return left
    }

    private mutating func skipOperator(_ symbols: [JinjaSymbol]) -> JinjaBinaryOperator? {
        guard case .symbol(let symbol) = current.kind, symbols.contains(symbol) else { return nil }
        advance()
        return JinjaBinaryOperator(rawValue: symbol.rawValue)
    }

    /// A sign binds tighter than filters: `-1|abs` is `(-1)|abs`.
    private mutating func parseUnary(withFilters: Bool = true) throws(JinjaError) -> JinjaExpression
    {
        let start = current.offset
        var node: JinjaExpression
        if isAt(.minus) || isAt(.plus) {
            let isNegative = isAt(.minus)
            advance()
            let operand = try nested { parser throws(JinjaError) in
                try parser.parseUnary(withFilters: false)
            }
            node = try make(
                isNegative ? .negative(operand) : .positive(operand),
                at: start,
                over: [operand]
            )
        } else {
            node = try parsePrimary()
        }
        node = try parsePostfix(of: node)
        return withFilters ? try parseFiltersAndTests(of: node) : node
    }
}
