import Foundation
import Grammars

/// Whether a value satisfies a schema, as the specification says it: plain recursion, no automaton.
struct SchemaValidator {
    let root: JSONValue

    func isValid(_ value: JSONValue, _ schema: JSONValue) throws -> Bool {
        guard case .object(let keywords) = schema else { return schema == .bool(true) }
        return try keywords.allSatisfy { try holds($0.key, $0.value, for: value, in: schema) }
    }

    private func holds(
        _ keyword: String,
        _ argument: JSONValue,
        for value: JSONValue,
        in schema: JSONValue
    ) throws -> Bool {
        switch (keyword, argument) {
        case ("$ref", .string(let pointer)):
            let name = String(pointer.dropFirst("#/$defs/".count))
            return try isValid(value, root["$defs"]?[name] ?? .bool(false))
        case ("type", .array(let types)): return types.contains { Self.hasType(value, $0) }
        case ("type", _): return Self.hasType(value, argument)
        case ("enum", .array(let values)): return values.contains { $0.equals(value) }
        case ("const", _): return argument.equals(value)
        case ("anyOf", .array(let parts)): return try parts.contains { try isValid(value, $0) }
        case ("oneOf", .array(let parts)):
            return try parts.filter { try isValid(value, $0) }.count == 1
        case ("allOf", .array(let parts)): return try parts.allSatisfy { try isValid(value, $0) }
        default: break
        }
        switch value {
        case .string(let text): return try holds(keyword, argument, for: text)
        case .number(let text): return Self.holds(keyword, argument, forNumber: text)
        case .array(let elements): return try holds(keyword, argument, for: elements, in: schema)
        case .object(let members): return try holds(keyword, argument, for: members, in: schema)
        default: return true
        }
    }

    private static func hasType(_ value: JSONValue, _ type: JSONValue) -> Bool {
        switch (value, type) {
        case (.null, .string("null")), (.bool, .string("boolean")), (.string, .string("string")),
            (.array, .string("array")), (.object, .string("object")), (.number, .string("number")):
            true
        case (.number(let text), .string("integer")):
            Double(text).map { $0.rounded() == $0 } ?? false
        default: false
        }
    }

    private func holds(_ keyword: String, _ argument: JSONValue, for text: String) throws -> Bool {
        switch (keyword, argument) {
        case ("minLength", _): return text.unicodeScalars.count >= argument.int ?? 0
        case ("maxLength", _): return text.unicodeScalars.count <= argument.int ?? 0
        case ("pattern", .string(let pattern)):
            return text.range(of: pattern, options: .regularExpression) != nil
        case ("format", .string("date")): return Self.isDate(text)
        case ("format", .string("date-time")):
            return Self.isDate(String(text.prefix(10))) && text.dropFirst(10).hasPrefix("T")
                && Self.isTime(text.dropFirst(11))
        case ("format", .string("time")): return Self.isTime(text[...])
        case ("format", .string("uuid")): return UUID(uuidString: text) != nil
        case ("format", .string("ipv4")):
            let parts = text.split(separator: ".", omittingEmptySubsequences: false)
            return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
        case ("format", .string("email")):
            let parts = text.split(separator: "@", omittingEmptySubsequences: false)
            return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".")
        default: return true
        }
    }

    private static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        guard text.count == 10, parts.count == 3 else { return false }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? calendar.timeZone
        let components = DateComponents(
            calendar: calendar,
            year: parts[0],
            month: parts[1],
            day: parts[2]
        )
        return parts[0] > 0 && components.isValidDate
    }

    private static func isTime(_ text: Substring) -> Bool {
        let parts = text.prefix(8).split(separator: ":").compactMap { Int($0) }
        return parts.count == 3 && parts[0] < 24 && parts[1] < 60 && parts[2] < 60
            && text.dropFirst(8).contains { "Z+-".contains($0) }
    }

    private static func holds(
        _ keyword: String,
        _ argument: JSONValue,
        forNumber text: String
    ) -> Bool {
        guard case .number(let other) = argument, let bound = Decimal(string: other),
            let value = Decimal(string: text)
        else { return true }
        switch keyword {
        case "minimum": return value >= bound
        case "maximum": return value <= bound
        case "exclusiveMinimum": return value > bound
        case "exclusiveMaximum": return value < bound
        case "multipleOf":
            var quotient = value / bound
            var whole = Decimal()
            NSDecimalRound(&whole, &quotient, 0, .plain)
            return whole * bound == value
        default: return true
        }
    }

    private func holds(
        _ keyword: String,
        _ argument: JSONValue,
        for elements: [JSONValue],
        in schema: JSONValue
    ) throws -> Bool {
        switch (keyword, argument) {
        case ("minItems", _): return elements.count >= argument.int ?? 0
        case ("maxItems", _): return elements.count <= argument.int ?? 0
        case ("prefixItems", .array(let prefix)):
            return try zip(elements, prefix).allSatisfy { try isValid($0, $1) }
        case ("items", _):
            var prefixCount = 0
            if case .array(let prefix) = schema["prefixItems"] { prefixCount = prefix.count }
            return try elements.dropFirst(prefixCount).allSatisfy { try isValid($0, argument) }
        default: return true
        }
    }

    private func holds(
        _ keyword: String,
        _ argument: JSONValue,
        for members: [JSONValue.Member],
        in schema: JSONValue
    ) throws -> Bool {
        let keys = Set(members.map(\.key))
        switch (keyword, argument) {
        case ("minProperties", _): return keys.count >= argument.int ?? 0
        case ("maxProperties", _): return keys.count <= argument.int ?? 0
        case ("required", .array(let names)):
            return names.allSatisfy { name in keys.contains { JSONValue.string($0) == name } }
        case ("properties", _):
            return try members.allSatisfy { member in
                try argument[member.key].map { try isValid(member.value, $0) } ?? true
            }
        case ("additionalProperties", _):
            return try members.allSatisfy { member in
                try schema["properties"]?[member.key] != nil || isValid(member.value, argument)
            }
        default: return true
        }
    }
}

extension JSONValue {
    /// Equality of values: the order of members and the spelling of numbers do not matter.
    fileprivate func equals(_ other: JSONValue) -> Bool {
        switch (self, other) {
        case (.number(let one), .number(let two)): return Double(one) == Double(two)
        case (.array(let one), .array(let two)):
            return one.count == two.count && zip(one, two).allSatisfy { $0.equals($1) }
        case (.object(let one), .object(let two)):
            return one.count == two.count
                && one.allSatisfy { other[$0.key]?.equals($0.value) ?? false }
        default: return self == other
        }
    }
}
