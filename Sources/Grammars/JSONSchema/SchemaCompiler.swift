/// Makes rules of a JSON Schema: one for each different subschema.
struct SchemaCompiler {
    private(set) var reader: SchemaReader
    let options: JSONSchemaOptions
    var builder: GrammarBuilder
    /// Rules by the text of their schema, and of shared pieces by name.
    private var rules: [String: Int] = [:]
    /// Rules that are named but not made yet: a list and not a recursion, however deep schemas are.
    private var pending: [(rule: Int, schema: JSONValue, path: String)] = []
    var limits: GrammarLimits { reader.limits }

    init(_ root: JSONValue, options: JSONSchemaOptions, builder: GrammarBuilder) {
        reader = SchemaReader(root: root, limits: builder.limits)
        self.options = options
        self.builder = builder
    }

    /// Turns to another document, whose references are its own. What is shared stays shared.
    mutating func begin(_ root: JSONValue) {
        precondition(pending.isEmpty, "\(pending.count) rules of the last schema are missing")
        rules = rules.filter { $0.key.hasPrefix(Self.sharedPrefix) }
        reader = SchemaReader(root: root, limits: limits)
    }

    private static let sharedPrefix = "#shared/"

    /// The symbol that reads a value of the schema, whose rules are complete after `finish`.
    mutating func symbol(for schema: JSONValue, path: String) -> Int {
        let text = schema.text
        if let known = rules[text] { return builder.symbol(known) }
        let rule = builder.declare(path)
        rules[text] = rule
        pending.append((rule, schema, path))
        return builder.symbol(rule)
    }

    /// Makes every rule that was named.
    mutating func finish() throws(GrammarError) {
        while let (rule, schema, path) = pending.popLast() {
            try builder.define(rule, as: expression(for: schema, path: path))
        }
    }

    private mutating func expression(
        for schema: JSONValue,
        path: String
    ) throws(GrammarError) -> Expression {
        switch try reader.form(of: schema, path: path) {
        case .anything:
            let any = JSONValue.bool(true)
            return schema == any ? try anyValue() : .symbol(symbol(for: any, path: path))
        case .nothing: return .never
        case .reference(let pointer):
            let target = try reader.resolve(pointer, path: path)
            return .symbol(symbol(for: target, path: pointer))
        case .alternatives(let parts):
            return .choice(
                parts.enumerated().map { .symbol(symbol(for: $1, path: "\(path)/anyOf/\($0)")) }
            )
        case .assertions:
            var choices: [Expression] = []
            for schema in try reader.alternatives(of: schema, path: path) {
                choices.append(try expression(for: schema, path: path))
            }
            return .choice(choices)
        }
    }

    private mutating func expression(
        for schema: Schema,
        path: String
    ) throws(GrammarError) -> Expression {
        if let values = schema.values { return try listed(values, of: schema, path: path) }
        var choices: [Expression] = []
        for kind in Schema.Kind.allCases where schema.effectiveKinds.contains(kind) {
            switch kind {
            case .null: choices.append(.text("null"))
            case .boolean: choices.append(.choice([.text("true"), .text("false")]))
            case .integer, .number: choices.append(try number(kind, of: schema, path: path))
            case .string: choices.append(try string(schema, path: path))
            case .array: choices.append(try array(schema, path: path))
            case .object: choices.append(try object(schema, path: path))
            }
        }
        return .choice(choices)
    }

    /// The listed values that also satisfy what else the schema asks.
    private mutating func listed(
        _ values: [JSONValue],
        of schema: Schema,
        path: String
    ) throws(GrammarError) -> Expression {
        var allowed = values.filter { schema.kinds.mayContain($0) }
        if !schema.impliedKinds.isEmpty {
            var rest = schema
            rest.values = nil
            rest.hasType = true
            var compiler = SchemaCompiler(
                reader.root,
                options: JSONSchemaOptions(allowsSpace: false),
                builder: GrammarBuilder(limits: limits)
            )
            let root = compiler.builder.declare(path)
            try compiler.builder.define(root, as: compiler.expression(for: rest, path: path))
            try compiler.finish()
            let start = try Matcher(compiler.builder.build(root: root))
            var satisfying: [JSONValue] = []
            for value in allowed {
                var matcher = start
                if try matcher.advance(value.text.utf8), matcher.mayEnd {
                    satisfying.append(value)
                }
            }
            allowed = satisfying
        }
        guard !allowed.isEmpty else { throw .unsatisfiable(path: path) }
        var choices: [Expression] = []
        for value in allowed { choices.append(try literal(value)) }
        return .choice(choices)
    }

    /// One given value, with the space that objects and arrays may have.
    private mutating func literal(_ value: JSONValue) throws(GrammarError) -> Expression {
        switch value {
        case .array(let elements):
            var parts: [Expression] = []
            for element in elements { parts.append(try literal(element)) }
            return try enclosed("[", parts, "]")
        case .object(let members):
            var parts: [Expression] = []
            for member in members {
                parts.append(
                    .sequence([try key(member.key), try literal(member.value)])
                )
            }
            return try enclosed("{", parts, "}")
        default: return .text(value.text)
        }
    }

    private mutating func enclosed(
        _ open: String,
        _ parts: [Expression],
        _ close: String
    ) throws(GrammarError) -> Expression {
        guard !parts.isEmpty else { return .text(open + close) }
        let space = try space()
        var all = [Expression.text(open), space]
        for (index, part) in parts.enumerated() {
            if index > 0 { all += [.text(","), space] }
            all.append(part)
        }
        return .sequence(all + [space, .text(close)])
    }

    /// A member's name, the colon and the space after it.
    mutating func key(_ name: String) throws(GrammarError) -> Expression {
        .sequence([
            .literal([0x22] + JSONText.escaped(name) + [0x22, 0x3A]), try space(),
        ])
    }

    mutating func space() throws(GrammarError) -> Expression {
        guard options.allowsSpace else { return .empty }
        return .symbol(try shared("space", JSONText.space))
    }

    /// The symbol of a piece that many schemas use. All its uses share masks.
    mutating func shared(
        _ name: String,
        _ expression: @autoclosure () throws(GrammarError) -> Expression
    ) throws(GrammarError) -> Int {
        builder.symbol(try sharedRule(name, expression()))
    }

    mutating func sharedRule(
        _ name: String,
        _ expression: @autoclosure () throws(GrammarError) -> Expression
    ) throws(GrammarError) -> Int {
        let key = Self.sharedPrefix + name
        if let known = rules[key] { return known }
        let rule = builder.declare(name)
        rules[key] = rule
        try builder.define(rule, as: expression())
        return rule
    }
}
