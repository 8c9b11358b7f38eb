// `{% … %}`

extension JinjaParser {
    /// Statements up to a tag that begins with one of `ends`, which stays current.
    mutating func parseBody(until ends: [String]) throws(JinjaError) -> [JinjaStatement] {
        var body: [JinjaStatement] = []
        while true {
            let start = current.offset
            switch current.kind {
            case .text(let text):
                advance()
                body.append(.text(text))
            case .outputBegin:
                advance()
                body.append(.output(try parseTuple()))
                try expect(.outputEnd)
            case .tagBegin:
                advance()
                if ends.contains(where: { isAt(word: $0) }) { return body }
                if let statement = try nested({ parser throws(JinjaError) in
                    try parser.parseStatement(of: ends)
                }) {
                    body.append(contentsOf: statement)
                }
                try expect(.tagEnd)
            case .end where ends.isEmpty:
                return body
            default:
                let wanted = ends.map { "'{% \($0) %}'" }.joined(separator: " or ")
                throw failure("the template ends where \(wanted) is missing", at: start)
            }
        }
    }

    /// The body of a block tag whose own arguments have been read, up to and over its end tag.
    mutating func parseBlock(end: String) throws(JinjaError) -> [JinjaStatement] {
        try parseBlockStart()
        let body = try parseBody(until: [end])
        advance()
        return body
    }

    mutating func parseBlockStart() throws(JinjaError) {
        _ = skip(.colon)
        try expect(.tagEnd)
    }

    private mutating func parseStatement(
        of ends: [String]
    ) throws(JinjaError) -> [JinjaStatement]? {
        let start = current.offset
        let tag = try expectName()
        switch tag {
        case "if": return [try parseConditional()]
        case "for": return [.loop(try parseLoop())]
        case "set": return [try parseSet()]
        case "macro": return [try parseMacro()]
        case "call": return [try parseCallBlock(at: start)]
        case "filter": return [try parseFilterBlock()]
        case "with": return [try parseWith()]
        case "print": return try parsePrint()
        case "generation":
            return [
                .scope(
                    try inFunction { parser throws(JinjaError) in
                        try parser.parseBlock(end: "endgeneration")
                    }
                )
            ]
        case "break", "continue":
            guard loopDepth > 0 else { throw failure("'\(tag)' outside of a loop", at: start) }
            return [tag == "break" ? .breakLoop : .continueLoop]
        case "include", "import", "from", "extends", "block", "autoescape":
            throw failure(
                "'\(tag)' is not offered: a chat template is one file and is not escaped",
                kind: .unsupported,
                at: start
            )
        default:
            let hint = ends.map { "'\($0)'" }.joined(separator: " or ")
            throw failure(
                ends.isEmpty
                    ? "there is no tag '\(tag)'" : "there is no tag '\(tag)'; expected \(hint)",
                at: start
            )
        }
    }

    private mutating func parseConditional() throws(JinjaError) -> JinjaStatement {
        let outerSoft = isSoft
        isSoft = true
        defer { isSoft = outerSoft }
        var branches: [(test: JinjaExpression, body: [JinjaStatement])] = []
        var otherwise: [JinjaStatement] = []
        while true {
            let test = try parseTuple(allowsConditional: false)
            try parseBlockStart()
            branches.append((test, try parseBody(until: ["elif", "else", "endif"])))
            if skip(word: "elif") { continue }
            if skip(word: "else") {
                otherwise = try parseBlock(end: "endif")
            } else {
                advance()
            }
            return .conditional(branches, otherwise: otherwise)
        }
    }

    private mutating func parseLoop() throws(JinjaError) -> JinjaLoop {
        let start = current.offset
        let target = try parseTarget(endsAtIn: true)
        if target.binds(symbols.loop) {
            throw failure("a loop cannot name its own target 'loop'", at: start)
        }
        try expect(word: "in")
        let iterable = try parseTuple(allowsConditional: false, endsAtRecursive: true)
        let condition = skip(word: "if") ? try parseExpression() : nil
        let isRecursive = skip(word: "recursive")

        let outerSoft = isSoft
        isSoft = false
        defer { isSoft = outerSoft }
        let before = mentions[symbols.loop, default: 0]
        try parseBlockStart()
        loopDepth += 1
        let body = try parseBody(until: ["endfor", "else"])
        loopDepth -= 1
        let usesLoop = mentions[symbols.loop, default: 0] > before
        var otherwise: [JinjaStatement] = []
        if skip(word: "else") {
            otherwise = try parseBlock(end: "endfor")
        } else {
            advance()
        }
        return JinjaLoop(
            target: target,
            iterable: iterable,
            condition: condition,
            body: body,
            otherwise: otherwise,
            isRecursive: isRecursive,
            usesLoop: usesLoop || isRecursive
        )
    }

    private mutating func parseSet() throws(JinjaError) -> JinjaStatement {
        let target = try parseTarget(allowsField: true)
        if skip(.assign) { return .set(target, try parseTuple()) }
        let filter = isAt(.pipe) ? try parseFilters(of: try captured()) : nil
        let body = try inScope { parser throws(JinjaError) in
            try parser.parseBlock(end: "endset")
        }
        return .setBlock(target, filter: filter, body: body)
    }

    private mutating func parseFilterBlock() throws(JinjaError) -> JinjaStatement {
        let first = try parseFilter(of: try captured())
        let filter = try parseFilters(of: first)
        let body = try inScope { parser throws(JinjaError) in
            try parser.parseBlock(end: "endfilter")
        }
        return .filter(filter, body: body)
    }

    private mutating func parseWith() throws(JinjaError) -> JinjaStatement {
        var bindings: [(JinjaTarget, JinjaExpression)] = []
        while current.kind != .tagEnd {
            if !bindings.isEmpty { try expect(.comma) }
            let target = try parseTarget()
            try expect(.assign)
            bindings.append((target, try parseExpression()))
        }
        let body = try inScope { parser throws(JinjaError) in
            try parser.parseBlock(end: "endwith")
        }
        return .with(bindings, body: body)
    }

    private mutating func parsePrint() throws(JinjaError) -> [JinjaStatement] {
        var outputs: [JinjaStatement] = []
        while current.kind != .tagEnd {
            if !outputs.isEmpty { try expect(.comma) }
            outputs.append(.output(try parseExpression()))
        }
        return outputs
    }

    private func captured() throws(JinjaError) -> JinjaExpression {
        try make(.captured, at: current.offset)
    }
}

// MARK: - Scopes of the parser's own bookkeeping

extension JinjaParser {
    /// A body with variables of its own: unknown filters in it are errors at once.
    mutating func inScope<T>(
        _ parse: (inout JinjaParser) throws(JinjaError) -> T
    ) throws(JinjaError) -> T {
        let outerSoft = isSoft
        isSoft = false
        defer { isSoft = outerSoft }
        return try parse(&self)
    }

    /// A body that runs as a function, which `break` cannot leave.
    mutating func inFunction<T>(
        _ parse: (inout JinjaParser) throws(JinjaError) -> T
    ) throws(JinjaError) -> T {
        let outerDepth = loopDepth
        loopDepth = 0
        defer { loopDepth = outerDepth }
        return try inScope(parse)
    }
}
