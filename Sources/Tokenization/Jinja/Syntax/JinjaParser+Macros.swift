// Macros, call blocks, and the targets of assignments.

extension JinjaParser {
    mutating func parseMacro() throws(JinjaError) -> JinjaStatement {
        let name = try expectName()
        try checkAssignable(name)
        let symbol = symbols.index(of: name)
        let parameters = try parseParameters()
        return .macro(
            try parseFunction(name, symbol: symbol, parameters: parameters, end: "endmacro")
        )
    }

    mutating func parseCallBlock(at start: Int) throws(JinjaError) -> JinjaStatement {
        let parameters = isAt(.leftParenthesis) ? try parseParameters() : []
        let call = try parseExpression()
        guard case .call = call.node else {
            throw failure("'call' needs a call of a macro, like 'call frame()'", at: start)
        }
        let function = try parseFunction("", symbol: nil, parameters: parameters, end: "endcall")
        return .call(function, call)
    }

    private mutating func parseFunction(
        _ name: String,
        symbol: Int?,
        parameters: [JinjaMacro.Parameter],
        end: String
    ) throws(JinjaError) -> JinjaMacro {
        let start = current.offset
        let before = mentions
        let body = try inFunction { parser throws(JinjaError) in
            try parser.parseBlock(end: end)
        }
        func mentioned(_ symbol: Int) -> Bool {
            mentions[symbol, default: 0] > before[symbol, default: 0]
        }
        func isParameter(_ symbol: Int) -> Bool {
            parameters.contains { $0.symbol == symbol }
        }
        let usesCaller = mentioned(symbols.caller)
        if usesCaller, let own = parameters.first(where: { $0.symbol == symbols.caller }),
            own.defaultValue == nil
        {
            throw failure("the parameter 'caller' must be left out or have a default", at: start)
        }
        return JinjaMacro(
            name: name,
            symbol: symbol,
            parameters: parameters,
            body: body,
            usesCaller: usesCaller,
            usesKeywords: mentioned(symbols.keywords) && !isParameter(symbols.keywords),
            usesVariadics: mentioned(symbols.variadics) && !isParameter(symbols.variadics)
        )
    }

    private mutating func parseParameters() throws(JinjaError) -> [JinjaMacro.Parameter] {
        try expect(.leftParenthesis)
        var parameters: [JinjaMacro.Parameter] = []
        while !isAt(.rightParenthesis) {
            if !parameters.isEmpty { try expect(.comma) }
            let start = current.offset
            let name = try expectName()
            try checkAssignable(name)
            if parameters.contains(where: { $0.name == name }) {
                throw failure("two parameters are called '\(name)'", at: start)
            }
            let value = skip(.assign) ? try parseExpression() : nil
            if value == nil, parameters.last?.defaultValue != nil {
                throw failure("'\(name)' needs a default, as the one before it has", at: start)
            }
            parameters.append(
                .init(symbol: symbols.index(of: name), name: name, defaultValue: value)
            )
        }
        try expect(.rightParenthesis)
        return parameters
    }
}

// MARK: - Targets

extension JinjaParser {
    /// `name`, `a, b`, `(a, (b, c))`, and `ns.field` where allowed.
    mutating func parseTarget(
        endsAtIn: Bool = false,
        allowsField: Bool = false
    ) throws(JinjaError) -> JinjaTarget {
        var parts: [JinjaTarget] = []
        var isTuple = false
        while true {
            if current.kind == .tagEnd || isAt(.rightParenthesis) { break }
            if endsAtIn, isAt(word: "in") { break }
            parts.append(try parseSingleTarget(allowsField: allowsField))
            guard skip(.comma) else { break }
            isTuple = true
        }
        if !isTuple, let only = parts.first { return only }
        guard isTuple else { throw failure("expected a name to assign to") }
        return .tuple(parts)
    }

    private mutating func parseSingleTarget(
        allowsField: Bool
    ) throws(JinjaError) -> JinjaTarget {
        let start = current.offset
        if skip(.leftParenthesis) {
            let target = try nested { parser throws(JinjaError) in try parser.parseTarget() }
            try expect(.rightParenthesis)
            return target
        }
        guard case .name(let name) = current.kind else {
            throw failure("cannot assign to \(current.kind): expected a name")
        }
        advance()
        if allowsField, skip(.dot) {
            let field = try expectName()
            return .field(of: symbols.index(of: name), field, offset: Int32(start))
        }
        try checkAssignable(name, at: start)
        return .name(symbols.index(of: name))
    }

    func checkAssignable(_ name: String, at offset: Int? = nil) throws(JinjaError) {
        if ["true", "false", "none", "True", "False", "None"].contains(name) {
            throw failure("cannot assign to the constant '\(name)'", at: offset)
        }
    }
}

extension JinjaTarget {
    func binds(_ symbol: Int) -> Bool {
        switch self {
        case .name(let name): name == symbol
        case .field: false
        case .tuple(let parts): parts.contains { $0.binds(symbol) }
        }
    }
}
