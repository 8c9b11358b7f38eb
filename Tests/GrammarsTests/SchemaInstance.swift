import Grammars

/// Random values that satisfy a schema of `RandomSchema`.
struct SchemaInstance {
    let root: JSONValue
    var generator: SeededGenerator

    mutating func value(of schema: JSONValue, depth: Int = 0) -> JSONValue {
        if schema == .bool(true) { return .null }
        if case .string(let pointer) = schema["$ref"] {
            let name = String(pointer.dropFirst("#/$defs/".count))
            return value(of: root["$defs"]?[name] ?? .bool(true), depth: depth + 1)
        }
        if case .array(let values) = schema["enum"] { return pick(values) }
        if let const = schema["const"] { return const }
        if case .array(let parts) = schema["anyOf"] ?? schema["oneOf"] {
            // The last alternative ends the recursion.
            return value(of: depth > 4 ? parts[parts.count - 1] : pick(parts), depth: depth + 1)
        }
        if case .array(let parts) = schema["allOf"] {
            let members = parts.flatMap { part -> [JSONValue.Member] in
                guard case .object(let members) = value(of: part, depth: depth + 1) else {
                    return []
                }
                return members
            }
            return .object(members)
        }
        var type = schema["type"]
        if case .array(let types) = type { type = pick(types) }
        switch type {
        case .string("string"): return .string(string(schema))
        case .string("integer"): return .number(number(schema, isInteger: true))
        case .string("number"): return .number(number(schema, isInteger: false))
        case .string("boolean"): return .bool(generator.oneIn(2))
        case .string("null"): return .null
        case .string("array"): return array(schema, depth: depth)
        default: return object(schema, depth: depth)
        }
    }

    private mutating func pick(_ values: [JSONValue]) -> JSONValue {
        values.randomElement(using: &generator) ?? .null
    }

    private mutating func string(_ schema: JSONValue) -> String {
        if case .string(let pattern) = schema["pattern"] {
            let known = RandomSchema.patterns.first { $0.pattern == pattern }
            return known?.examples.randomElement(using: &generator) ?? ""
        }
        if case .string(let format) = schema["format"] {
            let known = RandomSchema.formats.first { $0.format == format }
            return known?.examples.randomElement(using: &generator) ?? ""
        }
        guard schema["minLength"] != nil || schema["maxLength"] != nil else {
            return RandomSchema.words.randomElement(using: &generator) ?? ""
        }
        let least = schema["minLength"]?.int ?? 0
        let count = Int.random(
            in: least...(schema["maxLength"]?.int ?? least + 3),
            using: &generator
        )
        let scalars = Array("ab\"\\\né😀/ ".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<count { text.append(scalars.randomElement(using: &generator) ?? "a") }
        return String(text)
    }

    private mutating func number(_ schema: JSONValue, isInteger: Bool) -> String {
        // Everything in quarters, which are exact.
        let unit = isInteger ? 4 : 1
        let step = schema["multipleOf"]?.quarters ?? unit
        let least =
            schema["minimum"]?.quarters ?? schema["exclusiveMinimum"].map { $0.quarters + 1 }
        let most =
            schema["maximum"]?.quarters ?? schema["exclusiveMaximum"].map { $0.quarters - 1 }
        let range = (least ?? -4_000)...(most ?? 8_000)
        let multiples = range.filter { $0 % step == 0 }
        let value = multiples.randomElement(using: &generator) ?? 0
        if value % 4 == 0 { return String(value / 4) }
        let text = String(Double(value) / 4)
        return text
    }

    private mutating func array(_ schema: JSONValue, depth: Int) -> JSONValue {
        if case .array(let prefix) = schema["prefixItems"] {
            let least = schema["minItems"]?.int ?? 0
            let count = Int.random(in: least...prefix.count, using: &generator)
            return .array(prefix.prefix(count).map { value(of: $0, depth: depth + 1) })
        }
        let least = schema["minItems"]?.int ?? 0
        let most = depth > 4 ? least : schema["maxItems"]?.int ?? least + 2
        let count = Int.random(in: least...most, using: &generator)
        let items = schema["items"] ?? .bool(true)
        return .array((0..<count).map { _ in value(of: items, depth: depth + 1) })
    }

    private mutating func object(_ schema: JSONValue, depth: Int) -> JSONValue {
        guard case .object(let properties) = schema["properties"] else { return .object([]) }
        var required: [JSONValue] = []
        if case .array(let names) = schema["required"] { required = names }
        var chosen = properties.filter {
            required.contains(.string($0.key)) || depth < 4 && generator.oneIn(2)
        }
        if let most = schema["maxProperties"]?.int { chosen = Array(chosen.prefix(most)) }
        if let least = schema["minProperties"]?.int, chosen.count < least {
            chosen = Array(properties.prefix(least))
        }
        var members = chosen.map {
            JSONValue.Member($0.key, value(of: $0.value, depth: depth + 1))
        }
        if case .object = schema["additionalProperties"], generator.oneIn(2) {
            let additional = schema["additionalProperties"] ?? .bool(true)
            members.append(.init("another", value(of: additional, depth: depth + 1)))
        }
        return .object(members)
    }
}

extension JSONValue {
    var int: Int? {
        guard case .number(let text) = self else { return nil }
        return Int(text)
    }

    /// A number in quarters.
    fileprivate var quarters: Int {
        guard case .number(let text) = self, let value = Double(text) else { return 0 }
        return Int(value * 4)
    }

    /// The text with a space after `:` and `,`, or a line for each element.
    func text(indentation: Int?, level: Int = 1) -> String {
        let line = indentation.map { "\n" + String(repeating: " ", count: $0 * level) } ?? ""
        let end = indentation.map { "\n" + String(repeating: " ", count: $0 * (level - 1)) } ?? ""
        let comma = indentation == nil ? ", " : "," + line
        switch self {
        case .array(let elements) where !elements.isEmpty:
            let parts = elements.map { $0.text(indentation: indentation, level: level + 1) }
            return "[" + line + parts.joined(separator: comma) + end + "]"
        case .object(let members) where !members.isEmpty:
            let parts = members.map {
                JSONValue.string($0.key).text + ": "
                    + $0.value.text(indentation: indentation, level: level + 1)
            }
            return "{" + line + parts.joined(separator: comma) + end + "}"
        default: return text
        }
    }
}
