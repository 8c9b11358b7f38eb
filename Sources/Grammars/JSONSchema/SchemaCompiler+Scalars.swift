extension SchemaCompiler {
    mutating func number(
        _ kind: Schema.Kind,
        of schema: Schema,
        path: String
    ) throws(GrammarError) -> Expression {
        let isInteger = kind == .integer
        if schema.range.isUnbounded && schema.multiples.isEmpty {
            if !isInteger { return .symbol(try shared("number", JSONText.number)) }
            let limits = limits
            return .symbol(
                try shared(
                    "integer",
                    .automaton(NumberRange.int64.automaton(isInteger: true, limits: limits))
                )
            )
        }
        guard !schema.range.isEmpty else { return .never }
        var automaton = try schema.range.automaton(isInteger: isInteger, limits: limits)
        for multiple in schema.multiples {
            automaton = try automaton.intersection(
                multiple.multiples(path: path + "/multipleOf", limits: limits),
                limits: limits
            )
        }
        return .automaton(automaton)
    }

    mutating func string(_ schema: Schema, path: String) throws(GrammarError) -> Expression {
        guard !schema.lengths.isEmpty else { return .never }
        let quote = Expression.text("\"")
        let patterns = try Self.patterns(of: schema, path: path, limits: limits)
        guard let first = patterns.first else {
            if schema.lengths == Schema.Bounds() { return .symbol(try anyString()) }
            let character = try sharedRule("character", JSONText.anyCharacter)
            let characters = builder.symbol(
                repeating: character,
                minimum: schema.lengths.minimum,
                maximum: schema.lengths.maximum
            )
            return .sequence([quote, .symbol(characters), quote])
        }
        var automaton = try ByteAutomaton(first.expression(.jsonString), limits: limits)
        for pattern in patterns.dropFirst() {
            automaton = try automaton.intersection(
                ByteAutomaton(pattern.expression(.jsonString), limits: limits),
                limits: limits
            )
        }
        if schema.lengths != Schema.Bounds() {
            let length = Pattern.repeated(
                .scalars(.all),
                minimum: schema.lengths.minimum,
                maximum: schema.lengths.maximum
            )
            automaton = try automaton.intersection(
                ByteAutomaton(length.expression(.jsonString), limits: limits),
                limits: limits
            )
        }
        return automaton.isEmpty ? .never : .sequence([quote, .automaton(automaton), quote])
    }

    private static func patterns(
        of schema: Schema,
        path: String,
        limits: GrammarLimits
    ) throws(GrammarError) -> [Pattern] {
        var patterns: [Pattern] = []
        for text in schema.patterns {
            let path = path + "/pattern"
            patterns.append(
                try PatternParser.parse(text, path: path, limits: limits)
                    .matchingAnywhere(path: path)
            )
        }
        for name in schema.formats.sorted() {
            guard let text = StringFormat.pattern(name) else {
                preconditionFailure("the format \(name) has no pattern")
            }
            patterns.append(try PatternParser.parse(text, path: path, limits: limits))
        }
        return patterns
    }

    mutating func anyString() throws(GrammarError) -> Int {
        try shared(
            "string",
            .sequence([
                .text("\""), .repeated(JSONText.anyCharacter, minimum: 0, maximum: nil),
                .text("\""),
            ])
        )
    }
}
