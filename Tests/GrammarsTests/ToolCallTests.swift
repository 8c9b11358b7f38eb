import Grammars
import Testing

@Suite struct ToolCallTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var format: ToolCallFormat
        var output: String
        /// What comes out, adjacent pieces of one kind joined.
        var deltas: [ToolCallDelta]
        var testDescription: String { "\(format): \(output)" }

        init(_ format: ToolCallFormat, _ output: String, _ deltas: [ToolCallDelta]) {
            self.format = format
            self.output = output
            self.deltas = deltas
        }
    }

    static let cases = [
        Case(.hermes, "Hello < world <tool", [.content("Hello < world <tool")]),
        Case(
            .hermes,
            "I look.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": [1, \"}\"]}}"
                + "\n</tool_call>",
            [
                .content("I look."), .call(index: 0, name: "f"),
                .arguments(index: 0, "{\"a\": [1, \"}\"]}"),
            ]
        ),
        Case(
            .hermes,
            "<tool_call>{\"arguments\": {\"é\": 1}, \"name\": \"g\"}</tool_call>\n"
                + "<tool_call>{\"name\":\"f\"}</tool_call>\n",
            [
                .call(index: 0, name: "g"), .arguments(index: 0, "{\"é\": 1}"),
                .call(index: 1, name: "f"), .arguments(index: 1, "{}"),
            ]
        ),
        Case(.hermes, "<tool_call>[1]</tool_call>", [.content("<tool_call>[1]</tool_call>")]),
        Case(
            .hermes,
            "<tool_call>{\"nom\": 1}</tool_call> x",
            [.content("<tool_call>{\"nom\": 1}</tool_call> x")]
        ),
        Case(
            .hermes,
            "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call> then",
            [
                .call(index: 0, name: "f"), .arguments(index: 0, "{\"a\": 1}"),
                .content(" then"),
            ]
        ),
        Case(
            .hermes,
            "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\":",
            [.call(index: 0, name: "f"), .arguments(index: 0, "{\"a\":")]
        ),
        Case(
            .llama3,
            "{\"name\": \"f\", \"parameters\": {\"a\": \"b\"}}",
            [.call(index: 0, name: "f"), .arguments(index: 0, "{\"a\": \"b\"}")]
        ),
        Case(
            .llama3,
            "<|python_tag|>{\"type\": \"function\", \"name\": \"f\", \"parameters\": {}}; "
                + "{\"name\": \"g\", \"parameters\": null}",
            [
                .call(index: 0, name: "f"), .arguments(index: 0, "{}"),
                .call(index: 1, name: "g"), .arguments(index: 1, "null"),
            ]
        ),
        Case(.llama3, "The answer is {1}.", [.content("The answer is {1}.")]),
        Case(.llama3, "<|python", [.content("<|python")]),
        Case(
            .llama3,
            "{\"name\": \"Ada\", \"born\": 1815}",
            [
                .content("{\"name\": \"Ada\", \"born\": 1815}")
            ]
        ),
        Case(
            .mistral,
            "[TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": 1}}, "
                + "{\"name\": \"g\", \"arguments\": {}}]",
            [
                .call(index: 0, name: "f"), .arguments(index: 0, "{\"a\": 1}"),
                .call(index: 1, name: "g"), .arguments(index: 1, "{}"),
            ]
        ),
        Case(
            .mistral,
            "Yes. [TOOL_CALLS]f{\"a\": {}}[TOOL_CALLS]g[ARGS]{\"b\": \"{\"}",
            [
                .content("Yes."), .call(index: 0, name: "f"), .arguments(index: 0, "{\"a\": {}}"),
                .call(index: 1, name: "g"), .arguments(index: 1, "{\"b\": \"{\"}"),
            ]
        ),
        Case(.mistral, "an array [TOOL] of", [.content("an array [TOOL] of")]),
        Case(
            .json,
            " [{\"name\": \"f\", \"arguments\": {}}, {\"name\": \"g\", \"parameters\": {\"x\":2}}]",
            [
                .call(index: 0, name: "f"), .arguments(index: 0, "{}"),
                .call(index: 1, name: "g"), .arguments(index: 1, "{\"x\":2}"),
            ]
        ),
        Case(.json, "[1, 2]", [.content("[1, 2]")]),
        Case(.json, "plain 😀 text", [.content("plain 😀 text")]),
    ]

    @Test(arguments: cases)
    func anOutputGivesTheSameCallsHoweverItIsCut(_ test: Case) {
        #expect(parsed(test, [test.output]) == test.deltas)
        #expect(parsed(test, test.output.map(String.init)) == test.deltas)
        for place in test.output.indices {
            let parts = [String(test.output[..<place]), String(test.output[place...])]
            #expect(parsed(test, parts) == test.deltas, "cut behind \(parts[0])")
        }
    }

    @Test func argumentsComeAsTheyAreWritten() {
        var parser = ToolCallParser(.hermes, tools: ["f"])
        #expect(parser.read("<tool_call>{\"name\": \"f") == [])
        #expect(parser.read("\",") == [.call(index: 0, name: "f")])
        #expect(parser.read("\"arguments\": {\"a\"") == [.arguments(index: 0, "{\"a\"")])
        #expect(parser.read(": 1") == [.arguments(index: 0, ": 1")])
        #expect(parser.read("}}</tool_call>") == [.arguments(index: 0, "}")])
        #expect(parser.finish() == [])
        #expect(parser.callCount == 1)
    }

    @Test(arguments: ToolCallFormat.allCases, [true, false])
    func whatTheGrammarAllowsIsReadAsCallsWithValidArguments(
        format: ToolCallFormat,
        isParallel: Bool
    ) throws {
        let parameters = try schema(
            """
            {"type": "object", "properties": {"city": {"$ref": "#/$defs/city"},
             "days": {"type": "integer", "minimum": 1, "maximum": 9}}, "required": ["city"],
             "$defs": {"city": {"enum": ["Paris", "São \\"Paulo\\""]}}}
            """
        )
        let tools = [
            Tool(name: "weather", parameters: parameters), Tool(name: "now", parameters: nil),
        ]
        let constraint = ToolCallConstraint(format: format, tools: tools, isParallel: isParallel)
        let masks = TokenMasks(
            try GrammarSource.toolCalls(constraint).compiled(),
            TokenMaskTests.vocabulary
        )
        for seed in 0..<20 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var text = try ConstrainedText(masks)
            var output: [UInt8] = []
            while !text.hasEnded {
                let mask = try text.allowedTokens()
                let ends = masks.trie.endTokens.filter(mask.contains)
                let token =
                    ends.first ?? mask.tokens.filter { masks.trie.text(of: $0) != [0x20] }
                    .randomElement(using: &generator) ?? 0x20
                #expect(try text.advance(token))
                output += masks.trie.text(of: token)
            }
            let test = Case(format, String(decoding: output, as: UTF8.self), [])
            let deltas = parsed(test, [test.output])
            #expect(deltas.count >= 2 && (isParallel || deltas.count == 2), "\(test.output)")
            for pair in stride(from: 0, to: deltas.count, by: 2) {
                guard case .call(_, let name) = deltas[pair],
                    case .arguments(_, let arguments) = deltas[pair + 1]
                else {
                    Issue.record("no call in \(test.output)")
                    break
                }
                let value = try JSONValue(parsing: arguments.utf8)
                let expected =
                    name == "weather" ? parameters : try schema(#"{"maxProperties": 0}"#)
                #expect(name == "weather" || name == "now")
                #expect(
                    try SchemaValidator(root: expected).isValid(value, expected),
                    "\(test.output)"
                )
            }
        }
    }

    @Test func theFormatIsTheOneThatTheTemplateTeaches() {
        #expect(ToolCallFormat(chatTemplate: "{{ '<tool_call>' }}") == .hermes)
        #expect(ToolCallFormat(chatTemplate: "[TOOL_CALLS]") == .mistral)
        #expect(ToolCallFormat(chatTemplate: "<|start_header_id|>") == .llama3)
        #expect(ToolCallFormat(chatTemplate: "<|im_start|>") == .json)
    }

    private func parsed(_ test: Case, _ parts: [String]) -> [ToolCallDelta] {
        var parser = ToolCallParser(test.format, tools: ["f", "g", "weather", "now"])
        let deltas = parts.flatMap { parser.read($0) } + parser.finish()
        var joined: [ToolCallDelta] = []
        for delta in deltas {
            switch (joined.last, delta) {
            case (.content(let one), .content(let two)):
                joined[joined.count - 1] = .content(one + two)
            case (.arguments(let index, let one), .arguments(let other, let two))
            where index == other:
                joined[joined.count - 1] = .arguments(index: index, one + two)
            default: joined.append(delta)
            }
        }
        return joined
    }
}
