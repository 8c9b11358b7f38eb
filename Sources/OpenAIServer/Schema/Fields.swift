import HTTPTypes
import Tokenization

/// A JSON object of a request, read field by field.
///
/// A field that is missing or null reads as `nil`; one of the wrong type throws an error that names
/// it, in the words of pydantic, which vLLM's clients know. Fields nobody reads are ignored.
struct Fields: Sendable {
    private let object: JinjaObject
    /// Where the object lies in the body: `["messages", "0"]`.
    let path: [String]

    init(_ object: JinjaObject, path: [String] = []) {
        self.object = object
        self.path = path
    }

    /// Every field as it came, in order.
    var all: JinjaObject { object }

    /// The field as it came; `nil` when missing or null.
    func value(_ name: String) -> JinjaValue? {
        guard let value = object[name], !value.isNone else { return nil }
        return value
    }

    func string(_ name: String) throws(OpenAIError) -> String? {
        try read(name, "string_type", "Input should be a valid string") { $0.stringValue }
    }

    func bool(_ name: String) throws(OpenAIError) -> Bool? {
        try read(name, "bool_type", "Input should be a valid boolean") { $0.boolValue }
    }

    func integer(_ name: String) throws(OpenAIError) -> Int? {
        try read(name, "int_type", "Input should be a valid integer") { $0.exactInteger }
    }

    func number(_ name: String) throws(OpenAIError) -> Double? {
        try read(name, "float_type", "Input should be a valid number") { value in
            switch value {
            case .integer(let integer): Double(integer)
            case .float(let number) where number.isFinite: number
            default: nil
            }
        }
    }

    func list(_ name: String) throws(OpenAIError) -> [JinjaValue]? {
        try read(name, "list_type", "Input should be a valid list") { $0.listValue }
    }

    func object(_ name: String) throws(OpenAIError) -> JinjaObject? {
        try read(name, "dict_type", "Input should be a valid dictionary") { $0.objectValue }
    }

    func fields(_ name: String) throws(OpenAIError) -> Fields? {
        try object(name).map { Fields($0, path: path + [name]) }
    }

    /// The objects of a list.
    func fieldsList(_ name: String) throws(OpenAIError) -> [Fields]? {
        guard let list = try list(name) else { return nil }
        var result: [Fields] = []
        result.reserveCapacity(list.count)
        for (index, value) in list.enumerated() {
            let path = path + [name, "\(index)"]
            guard case .object(let object) = value else {
                throw .validation("dict_type", path, "Input should be a valid dictionary", value)
            }
            result.append(Fields(object, path: path))
        }
        return result
    }

    /// The error for a field that must be there.
    func missing(_ name: String) -> OpenAIError {
        .validation("missing", path + [name], "Field required", .object(object))
    }

    /// The error for a field whose value is of the wrong kind.
    func invalid(_ name: String, _ kind: String, _ message: String) -> OpenAIError {
        .validation(kind, path + [name], message, object[name] ?? .none)
    }

    private func read<Value>(
        _ name: String,
        _ kind: String,
        _ message: String,
        _ convert: (JinjaValue) -> Value?
    ) throws(OpenAIError) -> Value? {
        guard let value = value(name) else { return nil }
        guard let converted = convert(value) else { throw invalid(name, kind, message) }
        return converted
    }
}

extension JinjaValue {
    /// An integer, or a number without a fraction (`16.0`), as pydantic accepts it.
    var exactInteger: Int? {
        switch self {
        case .integer(let value): value
        case .float(let value): Int(exactly: value)
        default: nil
        }
    }

    /// The value in Python's notation, for error messages; containers are only named.
    fileprivate var brief: String {
        switch self {
        case .none, .undefined: return "None"
        case .bool(let value): return value ? "True" : "False"
        case .integer(let value): return "\(value)"
        case .float(let value): return "\(value)"
        case .string(let text):
            let cut = text.prefix(200)
            return "'\(cut)\(cut.endIndex < text.endIndex ? "..." : "")'"
        case .list, .tuple: return "[...]"
        case .object, .reference: return "{...}"
        }
    }
}

extension OpenAIError {
    /// A body of the wrong form: 400. `path` is where, under `body`.
    static func validation(
        _ kind: String,
        _ path: [String],
        _ message: String,
        _ input: JinjaValue
    ) -> Self {
        let parts = (["body"] + path).map { Int($0).map(String.init) ?? "'\($0)'" }
        let location = parts.joined(separator: ", ") + (parts.count == 1 ? "," : "")
        let entry =
            "{'type': '\(kind)', 'loc': (\(location)), "
            + "'msg': '\(message)', 'input': \(input.brief)}"
        return Self(
            .badRequest,
            param: (["body"] + path).joined(separator: "."),
            "1 validation error:\n  \(entry)"
        )
    }
}
