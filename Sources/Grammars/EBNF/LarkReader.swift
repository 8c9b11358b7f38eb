/// The part of Lark's notation that describes texts and not how to read them: `name: alternatives`,
/// where an alternative is a row of texts in double quotes (`i` after them ignores case), ranges
/// `"a".."z"`, patterns `/.../` (`i` after them too), names, groups `(...)`, options `[...]`, each
/// with `* + ? ~n ~n..m`; `?` and `!` before a name, priorities and aliases (`-> name`) mean
/// nothing here; `%import common.NAME` knows the usual terminals; `//` and `#` begin comments.
///
/// `%ignore` is refused: it would allow text between any two tokens, without end.
struct LarkReader {
    private var scanner: GrammarScanner

    static func read(_ text: String, limits: GrammarLimits) throws(GrammarError) -> ProductionList {
        var reader = LarkReader(
            scanner: GrammarScanner(text, language: "grammar", limits: limits)
        )
        return try reader.list()
    }

    private init(scanner: GrammarScanner) { self.scanner = scanner }

    private mutating func list() throws(GrammarError) -> ProductionList {
        var list = ProductionList(start: "start")
        skip(lineEnds: true)
        while scanner.peek != nil {
            if scanner.take("%import") {
                try readImport(into: &list)
            } else if scanner.looksAt("%") {
                throw scanner.problem("only %import is enforced; write spaces into the rules")
            } else {
                _ = scanner.take("?") || scanner.take("!")
                guard let name = scanner.name() else {
                    throw scanner.problem("a rule's name is missing")
                }
                if scanner.take(".") { _ = scanner.number() }
                skip(lineEnds: false)
                guard scanner.take(":") else { throw scanner.problem("a : is missing") }
                skip(lineEnds: false)
                list.rules.append((name, try choice(isNested: false)))
            }
            guard scanner.peek == nil || scanner.peek == "\n" else {
                throw scanner.problem("something follows a rule")
            }
            skip(lineEnds: true)
        }
        return list
    }

    private mutating func readImport(into list: inout ProductionList) throws(GrammarError) {
        skip(lineEnds: false)
        guard scanner.take("common") else {
            throw scanner.problem("only %import common is known")
        }
        var names: [String] = []
        if scanner.take(".") {
            names = [scanner.name() ?? ""]
        } else {
            skip(lineEnds: false)
            guard scanner.take("(") else { throw scanner.problem("a ( is missing") }
            repeat {
                skip(lineEnds: false)
                names.append(scanner.name() ?? "")
                skip(lineEnds: false)
            } while scanner.take(",")
            guard scanner.take(")") else { throw scanner.problem("a ) is missing") }
        }
        skip(lineEnds: false)
        var local: String?
        if scanner.take("->") {
            skip(lineEnds: false)
            local = scanner.name()
        }
        for name in names {
            guard let text = Self.common[name] else {
                let known = Self.common.keys.sorted().joined(separator: ", ")
                throw scanner.problem("common has no '\(name)'; known are \(known)")
            }
            list.rules.append((local ?? name, try pattern(text, ignoringCase: false)))
        }
    }

    /// Terminals of Lark's `common` that grammars use.
    private static let common = [
        "DIGIT": "[0-9]", "HEXDIGIT": "[0-9a-fA-F]", "INT": "[0-9]+",
        "SIGNED_INT": "[+-]?[0-9]+", "DECIMAL": #"[0-9]+\.[0-9]*|\.[0-9]+"#,
        "NUMBER": #"[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?"#,
        "SIGNED_NUMBER": #"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]+)?"#,
        "LETTER": "[a-zA-Z]", "LCASE_LETTER": "[a-z]", "UCASE_LETTER": "[A-Z]",
        "WORD": "[a-zA-Z]+", "CNAME": "[a-zA-Z_][a-zA-Z_0-9]*",
        "ESCAPED_STRING": #""(?:[^"\\\n]|\\[^\n])*""#,
        // White space of any length would let a model write nothing else.
        "WS": #"[ \t\r\n]{1,32}"#, "WS_INLINE": #"[ \t]{1,32}"#, "NEWLINE": #"(\r?\n){1,4}"#,
    ]

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
        while let next = scanner.peek, next != "|", next != ")", next != "]", next != "\n" {
            if scanner.take("->") {
                skip(lineEnds: false)
                guard scanner.name() != nil else { throw scanner.problem("an alias is missing") }
            } else {
                parts.append(try quantified())
            }
            skip(lineEnds: isNested)
        }
        return .sequence(parts)
    }

    private mutating func quantified() throws(GrammarError) -> Production {
        let part = try atom()
        if scanner.take("*") { return .repeated(part, minimum: 0, maximum: nil) }
        if scanner.take("+") { return .repeated(part, minimum: 1, maximum: nil) }
        if scanner.take("?") { return .repeated(part, minimum: 0, maximum: 1) }
        let end = scanner.position
        skip(lineEnds: false)
        guard scanner.take("~") else {
            scanner.position = end
            return part
        }
        skip(lineEnds: false)
        guard let minimum = scanner.number() else { throw scanner.problem("a ~ has no count") }
        var maximum: Int? = minimum
        if scanner.take("..") { maximum = scanner.number() }
        guard let maximum, minimum <= maximum else { throw scanner.problem("a ~n..m is malformed") }
        return .repeated(part, minimum: minimum, maximum: maximum)
    }

    private mutating func atom() throws(GrammarError) -> Production {
        switch scanner.peek {
        case "\"":
            let text = try scanner.quoted()
            if scanner.take("..") {
                guard scanner.peek == "\"" else { throw scanner.problem("a range has no end") }
                let scalars = Array(text.unicodeScalars)
                let ends = Array(try scanner.quoted().unicodeScalars)
                guard scalars.count == 1, ends.count == 1, scalars[0] <= ends[0] else {
                    throw scanner.problem("a range is not from one character to a later one")
                }
                return .pattern(.scalars(ScalarSet([scalars[0]...ends[0]])))
            }
            guard scanner.take("i") else { return .literal(text) }
            return .pattern(
                .sequence(text.unicodeScalars.map { .scalars(ScalarSet($0).ignoringCase) })
            )
        case "/":
            let text = try scanner.delimited(by: "/").dropFirst().dropLast()
            var ignoresCase = false
            while let flag = scanner.peek, ("a"..."z").contains(flag) {
                guard flag == "i" else {
                    throw scanner.problem("the flag '\(flag)' of a pattern is not known")
                }
                ignoresCase = true
                scanner.position += 1
            }
            return try pattern(String(text), ignoringCase: ignoresCase)
        case "(", "[":
            let isOption = scanner.peek == "["
            scanner.position += 1
            skip(lineEnds: true)
            try scanner.enter()
            let inner = try choice(isNested: true)
            scanner.leave()
            guard scanner.take(isOption ? "]" : ")") else {
                throw scanner.problem("a group has no end")
            }
            return isOption ? .repeated(inner, minimum: 0, maximum: 1) : inner
        default:
            guard let name = scanner.name() else {
                throw scanner.problem("a text, a pattern, a group or a rule's name is missing")
            }
            return .name(name)
        }
    }

    private func pattern(
        _ text: String,
        ignoringCase: Bool
    ) throws(GrammarError) -> Production {
        .pattern(
            try PatternParser.parse(
                text,
                path: "grammar",
                ignoringCase: ignoringCase,
                limits: scanner.limits
            )
        )
    }

    private mutating func skip(lineEnds: Bool) {
        scanner.skip(comment: "//", lineEnds: lineEnds)
        while scanner.peek == "#" {
            scanner.skip(comment: "#", lineEnds: lineEnds)
            scanner.skip(comment: "//", lineEnds: lineEnds)
        }
    }
}
