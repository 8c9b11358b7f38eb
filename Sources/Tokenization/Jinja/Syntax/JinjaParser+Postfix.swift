// What follows a value: members, elements, slices, calls, filters, tests.

extension JinjaParser {
    mutating func parsePostfix(of base: JinjaExpression) throws(JinjaError) -> JinjaExpression {
        var node = base
        while true {
            if isAt(.dot) {
                node = try parseMember(of: node)
            } else if isAt(.leftBracket) {
                node = try parseElement(of: node)
            } else if isAt(.leftParenthesis) {
                node = try parseCall(of: node)
            } else {
                return node
            }
        }
    }

    mutating func parseFiltersAndTests(
        of base: JinjaExpression
    ) throws(JinjaError) -> JinjaExpression {
        var node = base
        while true {
            if isAt(.pipe) {
                node = try parseFilters(of: node)
            } else if isAt(word: "is") {
                node = try parseTest(of: node)
            } else if isAt(.leftParenthesis) {
                node = try parseCall(of: node)
            } else {
                return node
            }
        }
    }

    private mutating func parseMember(of base: JinjaExpression) throws(JinjaError)
        -> JinjaExpression
    {
        let start = current.offset
        advance()
        switch current.kind {
        case .name(let name):
            advance()
            return try make(.attribute(base, JinjaAttribute(name)), at: start, over: [base])
        case .integer(let index):
            let position = try make(.literal(.integer(index)), at: current.offset)
            advance()
            return try make(.item(base, position), at: start, over: [base])
        default:
            throw failure("expected a name or a number after '.', found \(current.kind)")
        }
    }

    private mutating func parseElement(of base: JinjaExpression) throws(JinjaError)
        -> JinjaExpression
    {
        let start = current.offset
        try expect(.leftBracket)
        if skip(.rightBracket) {
            let index = try make(.tuple([]), at: start)
            return try make(.item(base, index), at: start, over: [base])
        }
        var first: JinjaExpression?
        if !isAt(.colon) {
            let index = try parseExpression()
            if isAt(.comma) { return try parseTupleIndex(of: base, first: index, at: start) }
            if skip(.rightBracket) {
                return try make(.item(base, index), at: start, over: [base, index])
            }
            first = index
        }
        try expect(.colon)
        let stop = isAt(.colon) || isAt(.rightBracket) ? nil : try parseExpression()
        let hasStep = skip(.colon) && !isAt(.rightBracket)
        let step = hasStep ? try parseExpression() : nil
        try expect(.rightBracket)
        return try make(
            .slice(base, start: first, stop: stop, step: step),
            at: start,
            over: [base] + [first, stop, step].compactMap { $0 }
        )
    }

    private mutating func parseTupleIndex(
        of base: JinjaExpression,
        first: JinjaExpression,
        at start: Int
    ) throws(JinjaError) -> JinjaExpression {
        var elements = [first]
        while skip(.comma) { elements.append(try parseExpression()) }
        try expect(.rightBracket)
        let index = try make(.tuple(elements), at: start, over: elements)
        return try make(.item(base, index), at: start, over: [base, index])
    }

    private mutating func parseCall(of base: JinjaExpression) throws(JinjaError) -> JinjaExpression
    {
        let start = current.offset
        let arguments = try parseArguments()
        return try make(
            .call(base, arguments),
            at: start,
            over: [base] + arguments.expressions
        )
    }

    private mutating func parseArguments() throws(JinjaError) -> JinjaCallArguments {
        let start = current.offset
        try expect(.leftParenthesis)
        var arguments = JinjaCallArguments()
        var isFirst = true
        while !isAt(.rightParenthesis) {
            if !isFirst { try expect(.comma) }
            if isAt(.rightParenthesis) && !isFirst { break }
            isFirst = false
            try parseArgument(into: &arguments, from: start)
        }
        try expect(.rightParenthesis)
        return arguments
    }

    private mutating func parseArgument(
        into arguments: inout JinjaCallArguments,
        from start: Int
    ) throws(JinjaError) {
        let isOrdered: Bool
        if skip(.multiply) {
            isOrdered = arguments.spread == nil && arguments.keywordSpread == nil
            arguments.spread = try parseExpression()
        } else if skip(.power) {
            isOrdered = arguments.keywordSpread == nil
            arguments.keywordSpread = try parseExpression()
        } else if case .name(let name) = current.kind, next.kind == .symbol(.assign) {
            isOrdered = arguments.keywordSpread == nil
            if arguments.keywords.contains(where: { $0.name == name }) {
                throw failure("the argument '\(name)' is given twice")
            }
            advance()
            advance()
            arguments.keywords.append((name, try parseExpression()))
        } else {
            isOrdered =
                arguments.spread == nil && arguments.keywordSpread == nil
                && arguments.keywords.isEmpty
            arguments.positional.append(try parseExpression())
        }
        if !isOrdered {
            throw failure(
                "arguments come in the order: values, names with values, '*list', '**object'",
                at: start
            )
        }
    }
}

// MARK: - Filters and tests

extension JinjaParser {
    mutating func parseFilters(of base: JinjaExpression) throws(JinjaError) -> JinjaExpression {
        var node = base
        while skip(.pipe) { node = try parseFilter(of: node) }
        return node
    }

    mutating func parseFilter(of base: JinjaExpression) throws(JinjaError) -> JinjaExpression {
        let start = current.offset
        let name = try parseDottedName()
        let arguments = isAt(.leftParenthesis) ? try parseArguments() : JinjaCallArguments()
        guard let filter = JinjaFilter(rawValue: name) else {
            return try unknown("there is no filter '\(name)'", at: start)
        }
        return try make(
            .filter(base, filter, arguments),
            at: start,
            over: [base] + arguments.expressions
        )
    }

    private mutating func parseTest(of base: JinjaExpression) throws(JinjaError) -> JinjaExpression
    {
        let start = current.offset
        try expect(word: "is")
        let isNegated = skip(word: "not")
        let name = try parseDottedName()
        var arguments = JinjaCallArguments()
        if isAt(.leftParenthesis) {
            arguments = try parseArguments()
        } else if beginsTestArgument {
            if isAt(word: "is") { throw failure("tests cannot be chained: write 'and' between") }
            let operand = try nested { parser throws(JinjaError) in
                try parser.parsePostfix(of: try parser.parsePrimary())
            }
            arguments.positional = [operand]
        }
        guard let test = JinjaTest(rawValue: name) else {
            return try unknown("there is no test '\(name)'", at: start)
        }
        let node = try make(
            .test(base, test, arguments),
            at: start,
            over: [base] + arguments.expressions
        )
        return isNegated ? try make(.not(node), at: start, over: [node]) : node
    }

    /// A test takes one argument without parentheses: `is divisibleby 3`.
    private var beginsTestArgument: Bool {
        switch current.kind {
        case .name(let name): !["else", "or", "and"].contains(name)
        case .string, .integer, .float, .symbol(.leftBracket), .symbol(.leftBrace): true
        default: false
        }
    }

    private mutating func parseDottedName() throws(JinjaError) -> String {
        var name = try expectName()
        while skip(.dot) { name += "." + (try expectName()) }
        return name
    }

    private mutating func unknown(
        _ message: String,
        at offset: Int
    ) throws(JinjaError) -> JinjaExpression {
        if !isSoft { unknowns.append((offset, message)) }
        return try make(.unknown(message), at: offset)
    }
}
