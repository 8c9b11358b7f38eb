extension Schema {
    /// Reads the keywords of one schema object, less those that combine schemas (`SchemaReader`).
    ///
    /// - Throws: `GrammarError.unsupported` for a keyword that asserts what cannot be enforced;
    ///   unknown keywords and annotations are passed over, as the specification demands.
    init(
        _ members: [JSONValue.Member],
        path: String,
        limits: GrammarLimits
    ) throws(GrammarError) {
        for member in members {
            try read(member, path: path + "/" + member.key)
        }
        if kinds.contains(.number) { kinds.remove(.integer) }
    }

    private mutating func read(
        _ member: JSONValue.Member,
        path: String
    ) throws(GrammarError) {
        let value = member.value
        switch member.key {
        case "type":
            kinds = try Self.kinds(value, path: path)
            hasType = true
        case "const": values = [value]
        case "enum":
            guard case .array(let listed) = value else { throw Self.wrong(path, "an array") }
            values = listed
        case "minLength", "maxLength":
            try Self.bound(&lengths, member, path: path)
            impliedKinds.insert(.string)
        case "pattern":
            patterns.append(try Self.string(value, path: path))
            impliedKinds.insert(.string)
        case "format":
            let format = try Self.string(value, path: path)
            guard try StringFormat.isEnforced(format, path: path) else { return }
            formats.insert(format)
            impliedKinds.insert(.string)
        case "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf":
            try readNumber(member, path: path)
        case "minItems", "maxItems":
            try Self.bound(&counts, member, path: path)
            impliedKinds.insert(.array)
        case "items":
            impliedKinds.insert(.array)
            if case .array(let prefix) = value { prefixItems = prefix } else { items = value }
        case "additionalItems" where items == nil:
            items = value
        case "prefixItems":
            guard case .array(let prefix) = value else { throw Self.wrong(path, "an array") }
            prefixItems = prefix
            impliedKinds.insert(.array)
        case "properties":
            guard case .object(let members) = value else { throw Self.wrong(path, "an object") }
            guard Set(members.map(\.key)).count == members.count else {
                throw .unsupported(path: path, problem: "a property is named twice")
            }
            properties = members
            impliedKinds.insert(.object)
        case "required":
            guard case .array(let names) = value else { throw Self.wrong(path, "an array") }
            for name in names {
                let name = try Self.string(name, path: path)
                if !required.contains(name) { required.append(name) }
            }
            impliedKinds.insert(.object)
        case "additionalProperties":
            additionalProperties = value
            impliedKinds.insert(.object)
        case "unevaluatedProperties" where value == .bool(false):
            additionalProperties = additionalProperties ?? value
            impliedKinds.insert(.object)
        case "minProperties", "maxProperties":
            try Self.bound(&propertyCounts, member, path: path)
            impliedKinds.insert(.object)
        case "uniqueItems" where value == .bool(false): break
        case let key where Self.refused.contains(key):
            throw .unsupported(path: path, problem: "'\(key)' cannot be enforced")
        default: break
        }
    }

    /// Keywords that assert something that an automaton cannot count or remember.
    private static let refused: Set<String> = [
        "not", "if", "then", "else", "contains", "minContains", "maxContains", "uniqueItems",
        "patternProperties", "propertyNames", "dependencies", "dependentRequired",
        "dependentSchemas", "unevaluatedItems", "unevaluatedProperties", "additionalItems",
        "$dynamicRef", "$recursiveRef",
    ]

    private mutating func readNumber(
        _ member: JSONValue.Member,
        path: String
    ) throws(GrammarError) {
        // Draft 4 wrote `exclusiveMinimum: true` beside `minimum`.
        guard case .number(let text) = member.value, let number = Decimal(text) else {
            throw Self.wrong(path, "a number of moderate size")
        }
        impliedKinds.insert(.number)
        switch member.key {
        case "minimum": range.raise(to: number, isExclusive: false)
        case "exclusiveMinimum": range.raise(to: number, isExclusive: true)
        case "maximum": range.lower(to: number, isExclusive: false)
        case "exclusiveMaximum": range.lower(to: number, isExclusive: true)
        default:
            guard !number.isNegative, !number.isZero else { throw Self.wrong(path, "positive") }
            multiples.append(number)
        }
    }

    private static func kinds(_ value: JSONValue, path: String) throws(GrammarError) -> Set<Kind> {
        let names: [JSONValue]
        if case .array(let list) = value { names = list } else { names = [value] }
        var kinds: Set<Kind> = []
        for name in names {
            guard case .string(let text) = name, let kind = Kind(rawValue: text) else {
                let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw wrong(path, "one or several of " + known)
            }
            kinds.insert(kind)
        }
        return kinds
    }

    private static func bound(
        _ bounds: inout Bounds,
        _ member: JSONValue.Member,
        path: String
    ) throws(GrammarError) {
        guard case .number(let text) = member.value, let decimal = Decimal(text),
            let count = decimal.count
        else { throw wrong(path, "a count") }
        if member.key.hasPrefix("min") {
            bounds.minimum = count
        } else {
            bounds.maximum = count
        }
    }

    private static func string(_ value: JSONValue, path: String) throws(GrammarError) -> String {
        guard case .string(let text) = value else { throw wrong(path, "a string") }
        return text
    }

    static func wrong(_ path: String, _ what: String) -> GrammarError {
        .unsupported(path: path, problem: "the schema's value must be \(what)")
    }
}
