/// GBNF, llama.cpp's notation: `name ::= alternatives`, where an alternative is a row of texts in
/// double quotes, classes `[...]`, `.`, names and groups `(...)`, each with `* + ? {m} {m,} {m,n}`;
/// `#` begins a comment. A rule goes on in the next line inside a group or where a `|` stands.
struct GBNFReader {
    private var scanner: GrammarScanner

    static func read(_ text: String, limits: GrammarLimits) throws(GrammarError) -> ProductionList {
        var reader = GBNFReader(
            scanner: GrammarScanner(text, language: "grammar", limits: limits)
        )
        return try reader.list()
    }

    private mutating func list() throws(GrammarError) -> ProductionList {
        var list = ProductionList(start: "root")
        skip(lineEnds: true)
        while scanner.peek != nil {
            guard let name = scanner.name() else {
                throw scanner.problem("a rule's name is missing")
            }
            skip(lineEnds: false)
            guard scanner.take("::=") else { throw scanner.problem("a ::= is missing") }
            skip(lineEnds: true)
            list.rules.append((name, try choice(isNested: false)))
            guard scanner.peek == nil || scanner.peek == "\n" else {
                throw scanner.problem("something follows a rule")
            }
            skip(lineEnds: true)
        }
        return list
    }

    private mutating func choice(isNested: Bool) throws(GrammarError) -> Production {
        var alternatives = [try sequence(isNested: isNested)]
        while true {
            let end = scanner.position
            skip(lineEnds: true)
            guard scanner.take("|") else {
                if !isNested { scanner.position = end }
                break
            }
            skip(lineEnds: true)
            alternatives.append(try sequence(isNested: isNested))
        }
        return alternatives.count == 1 ? alternatives[0] : .choice(alternatives)
    }

    private mutating func sequence(isNested: Bool) throws(GrammarError) -> Production {
        var parts: [Production] = []
        while let next = scanner.peek, next != "|", next != ")", next != "\n" {
            parts.append(try quantified())
            skip(lineEnds: isNested)
        }
        return .sequence(parts)
    }

    private mutating func quantified() throws(GrammarError) -> Production {
        var part = try atom()
        while true {
            skip(lineEnds: false)
            if scanner.take("*") {
                part = .repeated(part, minimum: 0, maximum: nil)
            } else if scanner.take("+") {
                part = .repeated(part, minimum: 1, maximum: nil)
            } else if scanner.take("?") {
                part = .repeated(part, minimum: 0, maximum: 1)
            } else if scanner.take("{") {
                let minimum = scanner.number()
                let maximum = scanner.take(",") ? scanner.number() : minimum
                guard scanner.take("}"), minimum ?? maximum != nil, minimum ?? 0 <= maximum ?? .max
                else { throw scanner.problem("a {m,n} is malformed") }
                part = .repeated(part, minimum: minimum ?? 0, maximum: maximum)
            } else {
                return part
            }
        }
    }

    private mutating func atom() throws(GrammarError) -> Production {
        switch scanner.peek {
        case "\"": return .literal(try scanner.quoted())
        case ".":
            scanner.position += 1
            return .pattern(.scalars(.all))
        case "[":
            let text = try scanner.delimited(by: "]")
            return .pattern(
                try PatternParser.parse(text, path: "grammar", limits: scanner.limits)
            )
        case "(":
            scanner.position += 1
            skip(lineEnds: true)
            try scanner.enter()
            let inner = try choice(isNested: true)
            scanner.leave()
            guard scanner.take(")") else { throw scanner.problem("a ) is missing") }
            return inner
        default:
            guard let name = scanner.name() else {
                throw scanner.problem("a text, a class, a group or a rule's name is missing")
            }
            return .name(name)
        }
    }

    private mutating func skip(lineEnds: Bool) { scanner.skip(comment: "#", lineEnds: lineEnds) }
}
