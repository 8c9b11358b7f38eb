extension Grammar {
    /// The texts that a regular expression matches as a whole.
    ///
    /// - Throws: `GrammarError`, where `PatternParser` says what is enforced.
    public init(
        regex: String,
        limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) {
        let pattern = try PatternParser.parse(regex, path: "regex", limits: limits)
            .matchingAll(path: "regex")
        try self.init(pattern.expression(.utf8), name: "regex", limits: limits)
    }

    /// Some given texts.
    public init(
        choice texts: [String],
        limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) {
        guard texts.reduce(0, { $0 + $1.utf8.count }) <= limits.sourceByteCount else {
            throw .overLimit(what: "bytes", limit: limits.sourceByteCount)
        }
        try self.init(.choice(texts.map(Expression.text)), name: "choice", limits: limits)
    }

    init(_ expression: Expression, name: String, limits: GrammarLimits) throws(GrammarError) {
        var builder = GrammarBuilder(limits: limits)
        let root = builder.declare(name)
        try builder.define(root, as: expression)
        self = try builder.build(root: root)
    }
}
