/// What one rule of a grammar that somebody wrote stands for.
indirect enum Production: Equatable, Sendable {
    case pattern(Pattern)
    case name(String)
    case sequence([Production])
    case choice([Production])
    case repeated(Production, minimum: Int, maximum: Int?)

    static func literal(_ text: String) -> Production {
        .pattern(.sequence(text.unicodeScalars.map { .scalars(ScalarSet($0)) }))
    }

    /// `rule: rule a | b` as `rule: b a*`, which reads the same texts from the left.
    func withoutLeftRecursion(of rule: String) -> Production {
        guard case .choice(let alternatives) = self else { return self }
        var tails: [Production] = []
        var others: [Production] = []
        for alternative in alternatives {
            if case .sequence(let parts) = alternative, parts.first == .name(rule) {
                tails.append(.sequence(Array(parts.dropFirst())))
            } else {
                others.append(alternative)
            }
        }
        guard !tails.isEmpty else { return self }
        return .sequence([
            .choice(others), .repeated(.choice(tails), minimum: 0, maximum: nil),
        ])
    }
}

/// The rules of a written grammar, in order, and the one with which a text begins.
struct ProductionList {
    var rules: [(name: String, production: Production)] = []
    var start: String
}

extension Grammar {
    /// The texts of a grammar in GBNF (llama.cpp's notation, `rule ::= ...`, that begins with
    /// `root`) or in Lark's (`rule: ...`, that begins with `start`).
    ///
    /// - Throws: `GrammarError`, where `GBNFReader` and `LarkReader` say what is enforced.
    public init(
        ebnf text: String,
        limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) {
        guard text.utf8.count <= limits.sourceByteCount else {
            throw .overLimit(what: "bytes", limit: limits.sourceByteCount)
        }
        let list =
            text.contains("::=")
            ? try GBNFReader.read(text, limits: limits) : try LarkReader.read(text, limits: limits)
        var builder = GrammarBuilder(limits: limits)
        var numbers: [String: Int] = [:]
        for rule in list.rules {
            guard numbers[rule.name] == nil else {
                throw .unsupported(path: rule.name, problem: "the rule is defined twice")
            }
            numbers[rule.name] = builder.declare(rule.name)
        }
        guard let root = numbers[list.start] else {
            throw .unsupported(
                path: list.start,
                problem: "the grammar begins with this rule and does not define it"
            )
        }
        for rule in list.rules {
            guard let number = numbers[rule.name] else { continue }
            let production = rule.production.withoutLeftRecursion(of: rule.name)
            try builder.define(
                number,
                as: production.expression(in: rule.name, numbers, &builder)
            )
        }
        self = try builder.build(root: root)
    }
}

extension Production {
    fileprivate func expression(
        in rule: String,
        _ numbers: [String: Int],
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> Expression {
        switch self {
        case .pattern(let pattern):
            return try pattern.matchingAll(path: rule).expression(.utf8)
        case .name(let name):
            guard let number = numbers[name] else {
                throw .unsupported(path: rule, problem: "the rule '\(name)' is not defined")
            }
            return .symbol(builder.symbol(number))
        case .sequence(let parts):
            var expressions: [Expression] = []
            for part in parts {
                expressions.append(try part.expression(in: rule, numbers, &builder))
            }
            return .sequence(expressions)
        case .choice(let parts):
            var expressions: [Expression] = []
            for part in parts {
                expressions.append(try part.expression(in: rule, numbers, &builder))
            }
            return .choice(expressions)
        case .repeated(let part, let minimum, let maximum):
            return .repeated(
                try part.expression(in: rule, numbers, &builder),
                minimum: minimum,
                maximum: maximum
            )
        }
    }
}
