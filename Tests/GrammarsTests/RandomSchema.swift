import Grammars

/// Schemas from a seed, of every feature that is enforced, each of which some value satisfies.
struct RandomSchema {
    var generator: SeededGenerator
    private var definitions: [JSONValue.Member] = []

    /// Patterns with strings that they match somewhere.
    static let patterns: [(pattern: String, examples: [String])] = [
        ("^[a-z]{2,5}$", ["ab", "hello"]), ("[0-9]+", ["a1", "42", "x7y"]),
        ("^(red|green|\\d{3})$", ["red", "green", "123"]), ("^$|^x", ["", "x", "xyz"]),
        ("^[^\"\\\\]*é?$", ["", "é", "plain"]), ("\\w\\.\\w", ["a.b", "1.2"]),
    ]
    static let formats: [(format: String, examples: [String])] = [
        ("date", ["2024-02-29", "1999-12-31"]), ("time", ["12:00:00Z", "23:59:59.5+02:00"]),
        ("date-time", ["2026-11-25T10:00:00Z"]), ("ipv4", ["10.0.0.1"]),
        ("uuid", ["123e4567-e89b-12d3-a456-426614174000"]), ("email", ["a@b.org"]),
    ]
    static let names = ["a", "b", "name", "ключ", "x y", "q\"", "kind", "n1", "é", "value"]
    static let words = ["", "a", "two words", "é😀", "q\"q", "back\\", "line\n", "x/y"]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// A document with its definitions.
    mutating func document() -> JSONValue {
        definitions = []
        var body = schema(depth: 3)
        if case .object(let members) = body, !definitions.isEmpty {
            body = .object(members + [.init("$defs", .object(definitions))])
        }
        return body
    }

    private mutating func schema(depth: Int) -> JSONValue {
        let choices = depth > 0 ? 14 : 7
        switch Int.random(in: 0..<choices, using: &generator) {
        case 0, 1: return string()
        case 2: return integer()
        case 3: return number()
        case 4: return object("type", ["boolean", "null"].randomElement(using: &generator) ?? "")
        case 5: return .object([.init("enum", .array(values()))])
        case 6:
            return .object([
                .init("type", .array([.string("integer"), .string("string"), .string("null")]))
            ])
        case 7, 8: return array(depth: depth)
        case 9, 10: return closedObject(depth: depth)
        case 11: return openObject(depth: depth)
        case 12: return combination(depth: depth)
        default: return reference(depth: depth)
        }
    }

    private func object(_ key: String, _ value: String) -> JSONValue {
        .object([.init(key, .string(value))])
    }

    private mutating func count(_ range: ClosedRange<Int>) -> JSONValue {
        .number(String(Int.random(in: range, using: &generator)))
    }

    private mutating func string() -> JSONValue {
        var members: [JSONValue.Member] = [.init("type", .string("string"))]
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            members.append(.init("minLength", count(0...3)))
            members.append(.init("maxLength", count(3...9)))
        case 1:
            let pattern = Self.patterns.randomElement(using: &generator)?.pattern ?? ""
            members.append(.init("pattern", .string(pattern)))
        case 2:
            let format = Self.formats.randomElement(using: &generator)?.format ?? ""
            members.append(.init("format", .string(format)))
        case 3: members.append(.init("description", .string("a text")))
        default: break
        }
        return .object(members)
    }

    private mutating func integer() -> JSONValue {
        var members: [JSONValue.Member] = [.init("type", .string("integer"))]
        if generator.oneIn(2) { members.append(.init("minimum", count(-200...50))) }
        if generator.oneIn(2) { members.append(.init("exclusiveMaximum", count(120...2_000))) }
        if generator.oneIn(4) { members.append(.init("multipleOf", count(1...12))) }
        return .object(members)
    }

    private mutating func number() -> JSONValue {
        var members: [JSONValue.Member] = [.init("type", .string("number"))]
        if generator.oneIn(2) { members.append(.init("exclusiveMinimum", .number("-12.5"))) }
        if generator.oneIn(2) { members.append(.init("maximum", .number("99.75"))) }
        if generator.oneIn(4) { members.append(.init("multipleOf", .number("0.25"))) }
        return .object(members)
    }

    private mutating func values() -> [JSONValue] {
        let all: [JSONValue] =
            Self.words.map { .string($0) } + [
                .null, .bool(true), .number("1"), .number("-2.5"), .array([.number("1"), .null]),
                .object([.init("a", .array([])), .init("b", .object([]))]),
            ]
        return Array(
            all.shuffled(using: &generator).prefix(Int.random(in: 1...5, using: &generator))
        )
    }

    private mutating func array(depth: Int) -> JSONValue {
        var members: [JSONValue.Member] = [.init("type", .string("array"))]
        if generator.oneIn(4) {
            let prefix = [schema(depth: depth - 1), schema(depth: depth - 1)]
            members.append(.init("prefixItems", .array(prefix)))
            members.append(.init("items", .bool(false)))
            members.append(.init("minItems", count(0...2)))
            return .object(members)
        }
        members.append(.init("items", schema(depth: depth - 1)))
        if generator.oneIn(2) { members.append(.init("minItems", count(0...3))) }
        if generator.oneIn(2) { members.append(.init("maxItems", count(3...5))) }
        return .object(members)
    }

    private mutating func properties(depth: Int) -> [JSONValue.Member] {
        let names = Self.names.shuffled(using: &generator)
            .prefix(Int.random(in: 1...4, using: &generator))
        return names.map { .init($0, schema(depth: depth - 1)) }
    }

    private mutating func closedObject(depth: Int) -> JSONValue {
        let properties = properties(depth: depth)
        var members: [JSONValue.Member] = [
            .init("type", .string("object")), .init("properties", .object(properties)),
        ]
        let required = properties.filter { _ in generator.oneIn(2) }.map {
            JSONValue.string($0.key)
        }
        members.append(.init("required", .array(required)))
        if generator.oneIn(2) { members.append(.init("additionalProperties", .bool(false))) }
        if required.isEmpty, generator.oneIn(2) {
            members.append(.init("additionalProperties", .bool(false)))
            members.append(.init("minProperties", .number("1")))
            members.append(.init("maxProperties", .number("2")))
        }
        return .object(members)
    }

    private mutating func openObject(depth: Int) -> JSONValue {
        .object([
            .init("type", .string("object")), .init("properties", .object(properties(depth: 1))),
            .init("additionalProperties", schema(depth: depth - 1)),
        ])
    }

    private mutating func combination(depth: Int) -> JSONValue {
        switch Int.random(in: 0..<3, using: &generator) {
        case 0:
            let parts = (0..<Int.random(in: 1...3, using: &generator)).map { _ in
                schema(depth: depth - 1)
            }
            return .object([.init("anyOf", .array(parts))])
        case 1:
            let kinds = ["x", "y", "z"].prefix(Int.random(in: 1...3, using: &generator))
            let parts = kinds.map { kind in
                JSONValue.object([
                    .init("type", .string("object")),
                    .init(
                        "properties",
                        .object([
                            .init("kind", .object([.init("const", .string(kind))])),
                            .init("v", schema(depth: depth - 1)),
                        ])
                    ),
                    .init("required", .array([.string("kind")])),
                ])
            }
            return .object([.init("oneOf", .array(parts))])
        default:
            let first = JSONValue.object([
                .init("type", .string("object")),
                .init("properties", .object([.init("p", schema(depth: depth - 1))])),
                .init("required", .array([.string("p")])),
            ])
            let second = JSONValue.object([
                .init("properties", .object([.init("q", schema(depth: depth - 1))]))
            ])
            return .object([.init("allOf", .array([first, second]))])
        }
    }

    /// A definition that may refer to itself, where it need not.
    private mutating func reference(depth: Int) -> JSONValue {
        let name = "d\(definitions.count)"
        let link = object("$ref", "#/$defs/" + name)
        definitions.append(.init(name, .bool(true)))  // its place
        let place = definitions.count - 1
        let inner = schema(depth: depth - 1)
        let own: JSONValue =
            generator.oneIn(2)
            ? inner
            : .object([
                .init("type", .string("object")),
                .init(
                    "properties",
                    .object([
                        .init("inner", inner),
                        .init(
                            "next",
                            .object([.init("anyOf", .array([link, object("type", "null")]))])
                        ),
                    ])
                ),
                .init("required", .array([.string("inner")])),
            ])
        definitions[place] = .init(name, own)
        return link
    }
}
