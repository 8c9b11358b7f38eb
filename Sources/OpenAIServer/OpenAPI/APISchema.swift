import Tokenization

/// A JSON Schema (2020-12, as OpenAPI 3.1 has it) of a part of a body.
struct APISchema: Sendable {
    fileprivate(set) var json: JinjaObject

    typealias Members = KeyValuePairs<String, APISchema>

    static let string = Self(json: ["type": "string"])
    static let integer = Self(json: ["type": "integer"])
    static let number = Self(json: ["type": "number"])
    static let boolean = Self(json: ["type": "boolean"])
    static let null = Self(json: ["type": "null"])
    /// Any value at all.
    static let anything = Self(json: [:])
    /// Any object at all.
    static let anyObject = Self(json: ["type": "object"])

    static func integer(_ range: ClosedRange<Int>) -> Self {
        var schema = integer
        schema.json["minimum"] = .integer(range.lowerBound)
        if range.upperBound != .max { schema.json["maximum"] = .integer(range.upperBound) }
        return schema
    }

    static func number(_ range: ClosedRange<Double>) -> Self {
        var schema = number
        schema.json["minimum"] = .float(range.lowerBound)
        schema.json["maximum"] = .float(range.upperBound)
        return schema
    }

    /// Numbers over `bound` and, if there is a limit, up to it.
    static func number(over bound: Double, atMost limit: Double? = nil) -> Self {
        var schema = number
        schema.json["exclusiveMinimum"] = .float(bound)
        schema.json["maximum"] = limit.map { .float($0) }
        return schema
    }

    static func word(_ words: String...) -> Self {
        Self(json: ["type": "string", "enum": JinjaValue(words.map { .string($0) })])
    }

    static func string(_ lengths: ClosedRange<Int>) -> Self {
        var schema = string
        schema.json["minLength"] = .integer(lengths.lowerBound)
        schema.json["maxLength"] = .integer(lengths.upperBound)
        return schema
    }

    static func list(_ element: Self, _ counts: ClosedRange<Int> = 0...Int.max) -> Self {
        var schema = Self(json: ["type": "array", "items": .object(element.json)])
        if counts.lowerBound > 0 { schema.json["minItems"] = .integer(counts.lowerBound) }
        if counts.upperBound < .max { schema.json["maxItems"] = .integer(counts.upperBound) }
        return schema
    }

    /// An object whose members all are of one form.
    static func map(_ value: Self) -> Self {
        Self(json: ["type": "object", "additionalProperties": .object(value.json)])
    }

    static func any(_ schemas: Self...) -> Self {
        Self(json: ["anyOf": JinjaValue(schemas.map { .object($0.json) })])
    }

    static func reference(_ name: String) -> Self {
        Self(json: ["$ref": .string("#/components/schemas/\(name)")])
    }

    /// A part of a request: other members are ignored, and null means the same as leaving out.
    static func request(_ required: Members, optional: [Members] = []) -> Self {
        var properties = JinjaObject()
        for (name, schema) in required { properties[name] = .object(schema.json) }
        for members in optional {
            for (name, schema) in members { properties[name] = .object(schema.orNull.json) }
        }
        return object(properties, required: required.map(\.key))
    }

    /// A part of an answer, which has no members but these.
    static func answer(_ required: Members, optional: Members = [:]) -> Self {
        var properties = JinjaObject()
        for (name, schema) in required { properties[name] = .object(schema.json) }
        for (name, schema) in optional { properties[name] = .object(schema.json) }
        var schema = object(properties, required: required.map(\.key))
        schema.json["additionalProperties"] = false
        return schema
    }

    private static func object(_ properties: JinjaObject, required: [String]) -> Self {
        var schema = Self(json: ["type": "object", "properties": .object(properties)])
        if !required.isEmpty {
            schema.json["required"] = JinjaValue(required.map { .string($0) })
        }
        return schema
    }

    var orNull: Self {
        if json.isEmpty { return self }
        if let type = json["type"]?.stringValue, json["enum"] == nil {
            var schema = self
            schema.json["type"] = [.string(type), "null"]
            return schema
        }
        return .any(self, .null)
    }

    func described(_ text: String) -> Self {
        var schema = self
        schema.json["description"] = .string(text)
        return schema
    }
}
