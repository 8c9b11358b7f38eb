/// A value that a template can hold: JSON's kinds, Python's tuple and `Undefined`, and whatever the
/// template itself makes (macros, namespaces, loops).
///
/// All of them are values in Swift's sense too: Jinja's immutable sandbox refuses every method that
/// would change a list or a dictionary, so sharing and copying cannot be told apart.
public enum JinjaValue: Sendable {
    /// A name that is not there. Prints as nothing, is false, and refuses to be used.
    case undefined
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(String)
    case list(JinjaList)
    case tuple(JinjaList)
    /// A dictionary in insertion order.
    case object(JinjaObject)
    /// What only a running template makes: functions, macros, namespaces, loops, iterators.
    case reference(JinjaReference)
}

extension JinjaValue {
    public init(_ elements: [JinjaValue]) { self = .list(JinjaList(elements)) }

    public var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    public var isNone: Bool {
        if case .none = self { true } else { false }
    }

    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    public var integerValue: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// A float, or an integer as one.
    public var doubleValue: Double? {
        switch self {
        case .float(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    /// The elements of a list or a tuple.
    public var listValue: [JinjaValue]? {
        switch self {
        case .list(let list), .tuple(let list): list.elements
        default: nil
        }
    }

    public var objectValue: JinjaObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member `key` of an object; `undefined` where there is none or where this is no object.
    public subscript(key: String) -> JinjaValue {
        objectValue?[key] ?? .undefined
    }

    /// The element at `position` of a list or tuple; `undefined` outside it.
    public subscript(position: Int) -> JinjaValue {
        guard let elements = listValue, elements.indices.contains(position) else {
            return .undefined
        }
        return elements[position]
    }
}

// No literal for `none`: `nil` would mean two things wherever a value is optional.
extension JinjaValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .integer(value) }
    public init(floatLiteral value: Double) { self = .float(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JinjaValue...) { self = .list(JinjaList(elements)) }

    public init(dictionaryLiteral elements: (String, JinjaValue)...) {
        var object = JinjaObject()
        for (key, value) in elements { object[key] = value }
        self = .object(object)
    }
}

extension JinjaValue {
    /// How deep containers nest: 0 for a scalar, 1 for a flat list. Interpreter limits rest on it.
    package var depth: Int {
        switch self {
        case .list(let list), .tuple(let list): Int(list.depth)
        case .object(let object): Int(object.depth)
        case .reference(let reference): reference.depth
        default: 0
        }
    }

    /// What walking or printing the whole value costs, in steps; shared parts count every time.
    package var weight: Int {
        switch self {
        case .string(let text): 1 + text.utf8.count / 32
        case .list(let list), .tuple(let list): Int(list.weight)
        case .object(let object): Int(object.weight)
        case .reference(let reference): reference.weight
        default: 1
        }
    }

    /// What Python's `bool()` says.
    package var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let list), .tuple(let list): !list.elements.isEmpty
        case .object(let object): !object.isEmpty
        case .reference(let reference): reference.isTrue
        }
    }

    /// Python's name of the type, for messages.
    package var typeName: String {
        switch self {
        case .undefined: "undefined"
        case .none: "none"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float"
        case .string: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .object: "dict"
        case .reference(let reference): reference.typeName
        }
    }
}
