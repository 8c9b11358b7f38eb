/// A JSON value as a tree, for descriptions that are small and of many shapes.
package enum JSONValue: Sendable, Equatable {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    case integer(Int)
    case double(Double)
    case bool(Bool)
    case null

    /// Reads one value, and nothing may follow it.
    package init(_ bytes: [UInt8], depthLimit: Int = 64) throws(JSONError) {
        var cursor = JSONCursor(bytes, depthLimit: depthLimit)
        self = try JSONValue(&cursor)
        try cursor.end()
    }

    /// Reads the cursor's next value.
    package init(_ cursor: inout JSONCursor) throws(JSONError) {
        switch try cursor.kind() {
        case .object:
            var members: [String: JSONValue] = [:]
            try cursor.object { cursor, key throws(JSONError) in
                members[key] = try JSONValue(&cursor)
            }
            self = .object(members)
        case .array:
            var elements: [JSONValue] = []
            try cursor.array { cursor throws(JSONError) in
                elements.append(try JSONValue(&cursor))
            }
            self = .array(elements)
        case .string: self = .string(try cursor.string())
        case .number:
            var copy = cursor
            if let integer = try? copy.integer() {
                cursor = copy
                self = .integer(integer)
            } else {
                self = .double(try cursor.number())
            }
        case .bool: self = .bool(try cursor.bool())
        case .null:
            _ = try cursor.isNull()
            self = .null
        }
    }

    /// The member of an object; nil where there is none, where it is null, and in other values.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key], value != .null else {
            return nil
        }
        return value
    }

    package var string: String? { if case .string(let text) = self { text } else { nil } }
    package var integer: Int? { if case .integer(let value) = self { value } else { nil } }
    package var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    package var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
    package var object: [String: JSONValue]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// A number of either kind.
    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }
}
