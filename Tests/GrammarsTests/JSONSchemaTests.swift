import Grammars
import Testing

@Suite struct JSONSchemaTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var schema: String
        var valid: [String]
        var invalid: [String]
        var testDescription: String { schema }
    }

    static let scalars = [
        Case(
            schema: #"{"type": "string"}"#,
            valid: [#""""#, #""a\n\"\u00e9\ud83d\ude00é😀""#, #""\/""#],
            invalid: ["a", "\"\n\"", #""\x""#, #""\ud83d""#, #""\ude00""#, #""\u12""#, "\"a"]
        ),
        Case(
            schema: #"{"type": "string", "minLength": 2, "maxLength": 3}"#,
            valid: [#""ab""#, #""é😀\n""#, #""\u0041\ud83d\ude00""#],
            invalid: [#""a""#, #""abcd""#, #""\n""#]
        ),
        Case(
            schema: #"{"type": "string", "pattern": "b+", "maxLength": 4}"#,
            valid: [#""b""#, #""abbc""#, #""\"b""#],
            invalid: [#""ac""#, #""aabbb""#]
        ),
        Case(
            schema: #"{"pattern": "^[A-Z]{2}-\\d+$"}"#,
            valid: [#""AB-12""#],
            invalid: [#""AB-""#, #""xAB-1""#, "12"]
        ),
        Case(
            schema: #"{"type": "integer"}"#,
            valid: ["0", "-1", "9223372036854775807", "-9223372036854775808"],
            invalid: ["-0", "01", "1.0", "9223372036854775808", "-", "1e3"]
        ),
        Case(
            schema: #"{"type": "integer", "minimum": -12, "exclusiveMaximum": 105}"#,
            valid: ["-12", "-9", "0", "7", "99", "104"],
            invalid: ["-13", "-20", "105", "1000", "110"]
        ),
        Case(
            schema: #"{"type": "integer", "multipleOf": 7, "minimum": 10}"#,
            valid: ["14", "21", "700"],
            invalid: ["7", "15", "-14"]
        ),
        Case(
            schema: #"{"type": "number", "minimum": 0.25, "maximum": 10.5}"#,
            valid: ["0.25", "0.3", "1", "9.99", "10", "10.5", "10.50"],
            invalid: ["0.249", "0", "10.51", "11", "-1", "100"]
        ),
        Case(
            schema: #"{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}"#,
            valid: ["0.5", "0.001"],
            invalid: ["0", "0.0", "1", "1.0"]
        ),
        Case(
            schema: #"{"type": "number", "multipleOf": 0.05}"#,
            valid: ["0.05", "1.1", "2", "-0.15"],
            invalid: ["0.01", "0.123"]
        ),
        Case(
            schema: #"{"type": "number"}"#,
            valid: ["0", "-1.5e-10", "1E+3", "12.5"],
            invalid: [".5", "1.", "1e", "+1", "NaN"]
        ),
        Case(
            schema: #"{"type": ["string", "null"]}"#,
            valid: ["null", #""x""#],
            invalid: ["1", "nul"]
        ),
        Case(
            schema: #"{"enum": ["a", 1, null, {"b": [1, 2]}]}"#,
            valid: [#""a""#, "1", "null", #"{"b":[1,2]}"#, #"{"b": [1, 2]}"#],
            invalid: [#""b""#, "2", #"{"b":[1]}"#]
        ),
        Case(
            schema: #"{"type": "string", "enum": ["a", "bb", "ccc", 4], "minLength": 2}"#,
            valid: [#""bb""#, #""ccc""#],
            invalid: [#""a""#, "4"]
        ),
        Case(schema: #"{"const": "x\"y"}"#, valid: [#""x\"y""#], invalid: [#""x""#]),
        Case(schema: "true", valid: ["1", "[{}]", #"{"a": null}"#], invalid: ["", "[1,]"]),
    ]

    static let formats = [
        Case(
            schema: #"{"format": "date"}"#,
            valid: [#""2024-02-29""#, #""2026-12-31""#, #""2000-02-29""#],
            invalid: [#""2023-02-29""#, #""1900-02-29""#, #""2026-04-31""#, #""0000-01-01""#]
        ),
        Case(
            schema: #"{"type": "string", "format": "date-time"}"#,
            valid: [#""2026-11-25T10:00:00Z""#, #""2026-11-25T10:00:00.5+01:00""#],
            invalid: [#""2026-11-25 10:00:00Z""#, #""2026-11-25T24:00:00Z""#]
        ),
        Case(schema: #"{"format": "time"}"#, valid: [#""23:59:59Z""#], invalid: [#""24:00:00Z""#]),
        Case(
            schema: #"{"format": "uuid"}"#,
            valid: [#""123e4567-e89b-12d3-a456-426614174000""#],
            invalid: [#""123e4567e89b12d3a456426614174000""#]
        ),
        Case(
            schema: #"{"format": "email"}"#,
            valid: [#""a.b+c@example.org""#],
            invalid: [#""a@""#, #""@b.org""#, #""a b@c.org""#]
        ),
        Case(
            schema: #"{"format": "ipv4"}"#,
            valid: [#""192.168.0.1""#, #""255.255.255.255""#],
            invalid: [#""256.1.1.1""#, #""1.1.1""#, #""01.1.1.1""#]
        ),
        Case(schema: #"{"format": "int32"}"#, valid: ["1", #""x""#], invalid: ["]"]),
    ]

    static let containers = [
        Case(
            schema: #"{"properties": {"a": {"type": "integer"}, "b": {"type": "null"}}}"#,
            valid: ["{}", #"{"a":1}"#, #"{"b":null}"#, #"{"a": 1, "b": null}"#, "{ }"],
            invalid: [#"{"b":null,"a":1}"#, #"{"c":1}"#, #"{"a":1,}"#, #"{,"a":1}"#, "[]"]
        ),
        Case(
            schema: """
                {"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}},
                 "required": ["b"], "additionalProperties": {"type": "boolean"}}
                """,
            valid: [#"{"b":2}"#, #"{"a":1,"b":2,"c":true,"d":false}"#, #"{"b":2,"":true}"#],
            invalid: [
                #"{"a":1}"#, #"{"b":2,"a":true}"#, #"{"b":2,"\u0061":true}"#, #"{"b":2,"c":1}"#,
            ]
        ),
        Case(
            schema: """
                {"properties": {"a": true, "b": true, "c": true}, "additionalProperties": false,
                 "minProperties": 1, "maxProperties": 2}
                """,
            valid: [#"{"a":1}"#, #"{"a":1,"c":2}"#, #"{"b":1,"c":2}"#],
            invalid: ["{}", #"{"a":1,"b":2,"c":3}"#]
        ),
        Case(
            schema: #"{"type": "object", "maxProperties": 1}"#,
            valid: ["{}", #"{"x":{"y":1,"z":2}}"#].map { $0.replacing(#","z":2"#, with: "") },
            invalid: [#"{"x":1,"y":2}"#]
        ),
        Case(
            schema: #"{"type": "object", "required": ["x"]}"#,
            valid: [#"{"x":1}"#, #"{"x":1,"y":2}"#],
            invalid: ["{}", #"{"y":1}"#]
        ),
        Case(
            schema:
                #"{"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3}"#,
            valid: ["[1,2]", "[1, 2, 3]", "[\n  1,\n  2\n]"],
            invalid: ["[]", "[1]", "[1,2,3,4]", "[1,2,]", "[1 ,2]"]
        ),
        Case(
            schema: """
                {"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": false}
                """,
            valid: ["[]", "[1]", #"[1,"a"]"#],
            invalid: [#"["a"]"#, #"[1,"a",2]"#]
        ),
        Case(
            schema: #"{"prefixItems": [{"const": 1}], "items": {"const": 2}, "minItems": 3}"#,
            valid: ["[1,2,2]", "[1,2,2,2]"],
            invalid: ["[1,2]", "[1]", "[2,2,2]"]
        ),
        Case(schema: #"{"type": "array", "maxItems": 0}"#, valid: ["[]"], invalid: ["[1]"]),
    ]

    static let combinations = [
        Case(
            schema: """
                {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties":
                 {"value": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/node"},
                 {"type": "null"}]}}, "required": ["value", "next"]}}}
                """,
            valid: [#"{"value":1,"next":{"value":2,"next":null}}"#],
            invalid: [#"{"value":1}"#, #"{"value":1,"next":2}"#]
        ),
        Case(
            schema: ##"{"items": {"$ref": "#"}, "type": "array"}"##,
            valid: ["[]", "[[],[[]]]"],
            invalid: ["[1]", "[[]"]
        ),
        Case(
            schema: """
                {"allOf": [{"properties": {"a": {"minimum": 3}}, "required": ["a"]},
                 {"properties": {"a": {"type": "integer", "maximum": 5}, "b": {"const": 1}}}]}
                """,
            valid: [#"{"a":3}"#, #"{"a":5,"b":1}"#],
            invalid: [#"{"a":2}"#, #"{"a":6}"#, "{}", #"{"b":1}"#]
        ),
        Case(
            schema: """
                {"type": "object", "properties": {"a": {"const": 1}, "b": {"const": 2}},
                 "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
                """,
            valid: [#"{"a":1}"#, #"{"b":2}"#, #"{"a":1,"b":2}"#],
            invalid: ["{}"]
        ),
        Case(
            schema: """
                {"oneOf": [
                 {"type": "object", "properties": {"k": {"const": "x"}, "v": {"type": "null"}},
                  "required": ["k", "v"]},
                 {"type": "object", "properties": {"k": {"enum": ["y", "z"]}}, "required": ["k"]}]}
                """,
            valid: [#"{"k":"x","v":null}"#, #"{"k":"z"}"#],
            invalid: [#"{"k":"x"}"#, #"{"k":"w"}"#]
        ),
        Case(
            schema: #"{"anyOf": [{"type": "integer"}, false, {"type": "null"}]}"#,
            valid: ["1", "null"],
            invalid: ["true"]
        ),
    ]

    @Test(arguments: scalars + formats + containers + combinations)
    func aTextIsOfTheLanguageIfItIsValid(_ test: Case) throws {
        let grammar = try grammar(schema: test.schema)
        for text in test.valid { #expect(try accepts(grammar, text), "should accept \(text)") }
        for text in test.invalid { #expect(try !accepts(grammar, text), "should refuse \(text)") }
    }

    @Test(arguments: [
        (#"{"not": {}}"#, "'not'"), (#"{"if": true}"#, "'if'"),
        (#"{"uniqueItems": true}"#, "'uniqueItems'"),
        (#"{"patternProperties": {}}"#, "'patternProperties'"),
        (#"{"oneOf": [{"type": "integer"}, {"type": "number"}]}"#, "use 'anyOf'"),
        (#"{"$ref": "other.json"}"#, "$defs"), (##"{"$ref": "#/$defs/x"}"##, "names nothing"),
        (##"{"$ref": "#"}"##, "contradict"),
        (##"{"anyOf": [{"$ref": "#"}, {"type": "null"}]}"##, "begins with itself"),
        (#"{"type": "text"}"#, "one or several of"),
        (#"{"format": "regex"}"#, "'regex'"),
        (#"{"type": "integer", "multipleOf": 0}"#, "positive"),
        (#"{"multipleOf": 123456}"#, "10000"), (#"{"minLength": -1}"#, "a count"),
        (#"{"enum": []}"#, "contradict"), ("false", "contradict"), ("3", "object or a boolean"),
        (#"{"type": "integer", "minimum": 3, "maximum": 2}"#, "contradict"),
        (#"{"type": "object", "minProperties": 2}"#, "additionalProperties"),
        (#"{"pattern": "(?=a)"}"#, "look-around"),
        (#"{"allOf": [{"const": 1}, {"const": 2}]}"#, "contradict"),
        (##"{"properties": {"a": {"$ref": "#"}}, "required": ["a"]}"##, "contradict"),
        (#"{"type": "string", "pattern": "x{300000}"}"#, "make it smaller"),
    ])
    func whatCannotBeEnforcedIsRefusedWithASentence(text: String, words: String) {
        let error = #expect(throws: GrammarError.self) { try grammar(schema: text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test func spacesEndByThemselves() throws {
        var matcher = try Matcher(grammar(schema: #"{"type": "object"}"#))
        #expect(try matcher.advance("{\n".utf8))
        var count = 0
        while try matcher.advance(" ".utf8) { count += 1 }
        #expect(count < 100)
        #expect(try matcher.advance("}".utf8))
    }

    @Test func whereOnlyOneWayIsLeftItIsKnown() throws {
        let text = #"{"properties": {"name": {"type": "string"}}, "required": ["name"]}"#
        let matcher = try Matcher(grammar(schema: text, allowsSpace: false))
        #expect(try matcher.forcedBytes() == Array(#"{"name":""#.utf8))
    }

    @Test func nestingIsLimitedInTheSchemaOnly() throws {
        let deep =
            String(repeating: #"{"items":"#, count: 100) + "true"
            + String(repeating: "}", count: 100)
        #expect(throws: GrammarError.self) { try grammar(schema: deep) }
        let any = try grammar(schema: "true")
        let value = String(repeating: "[", count: 1_000) + String(repeating: "]", count: 1_000)
        #expect(try accepts(any, value))
    }
}
