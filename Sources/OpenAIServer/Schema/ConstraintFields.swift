import Grammars
import Tokenization

/// The form that a request demands of its output: OpenAI's `response_format` and vLLM's
/// `structured_outputs`.
enum ConstraintFields {
    /// - Returns: nil where any text will do.
    static func read(_ fields: Fields) throws(OpenAIError) -> GrammarSource? {
        let format = try responseFormat(fields)
        let structured = try structuredOutputs(fields)
        guard format == nil || structured == nil else { throw severalKinds("response_format") }
        return format ?? structured
    }

    private static func responseFormat(_ fields: Fields) throws(OpenAIError) -> GrammarSource? {
        guard let format = try fields.fields("response_format") else { return nil }
        switch try format.string("type") {
        case "text": return nil
        case "json_object": return .jsonObject(JSONSchemaOptions())
        case "json_schema":
            guard let described = try format.fields("json_schema") else {
                throw format.missing("json_schema")
            }
            guard let schema = described.value("schema") else { return .jsonObject(.init()) }
            return .jsonSchema(JSONValue(schema), JSONSchemaOptions())
        default:
            throw .badRequest(
                "response_format",
                "response_format.type can be \"text\", \"json_object\" or \"json_schema\"."
            )
        }
    }

    private static let kinds = [
        "json", "regex", "choice", "grammar", "json_object", "structural_tag",
    ]

    private static func structuredOutputs(_ fields: Fields) throws(OpenAIError) -> GrammarSource? {
        guard let outputs = try fields.fields("structured_outputs") else { return nil }
        let given = kinds.filter { kind in
            guard let value = outputs.value(kind) else { return false }
            return !(kind == "json_object" && value.boolValue == false)
        }
        guard let kind = given.first else { return nil }
        guard given.count == 1 else { throw severalKinds("structured_outputs") }
        if outputs.value("whitespace_pattern") != nil {
            throw .badRequest(
                "structured_outputs",
                "whitespace_pattern is not supported; disable_any_whitespace is."
            )
        }
        let isCompact = try outputs.bool("disable_any_whitespace") ?? false
        let options = JSONSchemaOptions(allowsSpace: !isCompact)
        switch kind {
        case "json": return .jsonSchema(try schema(outputs), options)
        case "regex": return .regex(try outputs.string("regex") ?? "")
        case "grammar": return .ebnf(try outputs.string("grammar") ?? "")
        case "json_object": return .jsonObject(options)
        case "choice":
            var texts: [String] = []
            for value in try outputs.list("choice") ?? [] {
                guard let text = value.stringValue else {
                    throw outputs.invalid(
                        "choice",
                        "string_type",
                        "Input should be a list of valid strings"
                    )
                }
                texts.append(text)
            }
            return .choice(texts)
        default:
            throw .badRequest(
                "structured_outputs",
                "\(kind) in structured_outputs is not supported. Leave it out."
            )
        }
    }

    /// A schema as a value, or as its text.
    private static func schema(_ outputs: Fields) throws(OpenAIError) -> JSONValue {
        guard let value = outputs.value("json") else { throw outputs.missing("json") }
        guard let text = value.stringValue else { return JSONValue(value) }
        do {
            return try JSONValue(parsing: text.utf8)
        } catch {
            throw OpenAIError(error, param: "structured_outputs")
        }
    }

    private static func severalKinds(_ param: String) -> OpenAIError {
        .badRequest(
            param,
            "You can only use one kind of constraints for structured outputs ('json', 'regex' or "
                + "'choice')."
        )
    }
}

extension OpenAIError {
    /// A constraint that cannot be enforced: 400.
    init(_ error: GrammarError, param: String) {
        self = .badRequest(param, error.description)
    }
}

extension JSONValue {
    /// A field's value as it came, its members in order.
    init(_ value: JinjaValue) {
        switch value {
        case .bool(let bool): self = .bool(bool)
        case .integer(let integer): self = .number(String(integer))
        case .float(let number): self = .number(String(number))
        case .string(let text): self = .string(text)
        case .list(let list), .tuple(let list): self = .array(list.elements.map { Self($0) })
        case .object(let object):
            self = .object(
                zip(object.keys, object.values).map { key, value in
                    Member(key.stringValue ?? "", Self(value))
                }
            )
        case .none, .undefined, .reference: self = .null
        }
    }
}
