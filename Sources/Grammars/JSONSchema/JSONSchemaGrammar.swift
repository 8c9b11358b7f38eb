/// How the values of a JSON Schema may be written.
public struct JSONSchemaOptions: Hashable, Sendable {
    /// Whether a space, or a line end with indentation, may stand between tokens.
    public var allowsSpace: Bool

    public init(allowsSpace: Bool = true) { self.allowsSpace = allowsSpace }
}

extension Grammar {
    /// The JSON texts whose values satisfy a schema (JSON Schema 2020-12, and what earlier drafts
    /// spell differently).
    ///
    /// Every text of the language satisfies the schema. The reverse holds up to spelling: members
    /// come in the schema's order; where `properties` is given and `additionalProperties` is not,
    /// there are no others; a schema that has keywords of one type and no `type` means that type;
    /// integers fit 64 bits, other numbers have 16 digits before and after the point; strings with
    /// a pattern or a format escape only what they must.
    ///
    /// - Throws: `GrammarError` for what cannot be enforced, and for contradictions.
    public init(
        jsonSchema schema: JSONValue,
        options: JSONSchemaOptions = JSONSchemaOptions(),
        limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) {
        var compiler = SchemaCompiler(
            schema,
            options: options,
            builder: GrammarBuilder(limits: limits)
        )
        let root = compiler.builder.declare("the schema")
        let value = compiler.symbol(for: schema, path: "#")
        try compiler.builder.define(root, as: .symbol(value))
        try compiler.finish()
        self = try compiler.builder.build(root: root)
    }

    /// Any JSON object.
    public init(
        jsonObject options: JSONSchemaOptions,
        limits: GrammarLimits = GrammarLimits()
    ) throws(GrammarError) {
        try self.init(jsonSchema: SchemaCompiler.anyObject, options: options, limits: limits)
    }
}
