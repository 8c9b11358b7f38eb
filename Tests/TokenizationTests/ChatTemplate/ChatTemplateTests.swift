import Foundation
import Testing
import Tokenization

struct ChatTemplateTests {
    private static let chatML = """
        {%- for m in messages -%}
            {{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}
        {%- endfor -%}
        {%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}
        """

    private static let conversation: [JinjaValue] = [
        ["role": "user", "content": "Hi"], ["role": "assistant", "content": "Well, "],
    ]

    @Test func aTemplateIsCompiledOnceAndRenderedOnManyTasks() async throws {
        let template = try ChatTemplate(source: Self.chatML)
        let expected = "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nWell, <|im_end|>\n"
        await withTaskGroup(of: String?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try? template.render(messages: Self.conversation, addGenerationPrompt: false)
                }
            }
            for await prompt in group { #expect(prompt == expected) }
        }
    }

    @Test func theFinalMessageCanBeContinued() throws {
        let template = try ChatTemplate(source: Self.chatML)
        let prompt = try template.render(
            messages: Self.conversation,
            addGenerationPrompt: false,
            continueFinalMessage: true
        )
        #expect(prompt == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nWell, ")
    }

    @Test(
        arguments: [
            [], [["role": "assistant"]], [["role": "assistant", "content": 5]],
            [["role": "assistant", "content": [["type": "image"]]]],
        ] as [[JinjaValue]]
    )
    func whatCannotBeContinuedIsRefused(messages: [JinjaValue]) throws {
        let template = try ChatTemplate(source: Self.chatML)
        let error = #expect(throws: ChatTemplateError.self) {
            try template.render(
                messages: messages,
                addGenerationPrompt: false,
                continueFinalMessage: true
            )
        }
        guard case .notContinuable? = error else {
            Issue.record("\(error as Any)")
            return
        }
    }

    @Test func continuingAndBeginningAMessageExcludeEachOther() throws {
        let template = try ChatTemplate(source: Self.chatML)
        #expect(throws: ChatTemplateError.self) {
            try template.render(
                messages: Self.conversation,
                addGenerationPrompt: true,
                continueFinalMessage: true
            )
        }
    }

    @Test func errorsSayWhoseTheyAre() throws {
        let invalid = #expect(throws: ChatTemplateError.self) {
            try ChatTemplate(source: "{% if %}")
        }
        if case .invalidTemplate? = invalid {} else { Issue.record("\(invalid as Any)") }

        let refusing = try ChatTemplate(source: "{{ raise_exception('no ' ~ messages|length) }}")
        let refused = #expect(throws: ChatTemplateError.self) {
            try refusing.render(messages: Self.conversation, addGenerationPrompt: false)
        }
        if case .refused("no 2")? = refused {} else { Issue.record("\(refused as Any)") }

        let failing = try ChatTemplate(source: "{{ messages[0].nope.deeper }}")
        let failed = #expect(throws: ChatTemplateError.self) {
            try failing.render(messages: Self.conversation, addGenerationPrompt: false)
        }
        #expect(
            failed?.description
                == "the chat template failed: line 1, column 20: 'messages[0].nope' is undefined"
        )
    }

    @Test func reasoningIsThereUnderEveryName() throws {
        let template = try ChatTemplate(
            source: "{{ messages[0].thinking }}/{{ messages[0].reasoning_content }}"
        )
        for name in ["reasoning", "reasoning_content", "thinking"] {
            let message: JinjaValue = .object([name: "why", "content": ""])
            #expect(
                try template.render(messages: [message], addGenerationPrompt: false) == "why/why"
            )
        }
    }

    @Test func extraVariablesAndSpecialTokensReachTheTemplate() throws {
        let template = try ChatTemplate(
            source: "{{ bos_token }}{{ eos_token }}{{ x }}{{ tools is none }}{{ documents }}",
            beginningOfSequence: "<s>",
            endOfSequence: "</s>"
        )
        let prompt = try template.render(
            messages: [],
            documents: [1],
            addGenerationPrompt: false,
            extra: ["x": 5, "eos_token": "!"]
        )
        #expect(prompt == "<s>!5True[1]")
    }

    @Test func toolsKeepTheOrderOfTheClientsKeys() throws {
        let json =
            #"[{"type": "function", "function": {"name": "f", "a": 1, "B": {"z": 1, "y": 2}}}]"#
        let tools = try #require(try JinjaValue(json: json.utf8).listValue)
        let template = try ChatTemplate(source: "{{ tools|tojson }}")
        #expect(
            try template.render(messages: [], tools: tools, addGenerationPrompt: false) == json
        )
    }

    @Test func aLongConversationRendersInMilliseconds() throws {
        var messages: [JinjaValue] = [["role": "system", "content": "Be brief."]]
        for turn in 0..<50 {
            let text = String(repeating: "why is that so? ", count: 20)
            messages.append(["role": "user", "content": .string("\(turn): \(text)")])
            messages.append([
                "role": "assistant", "content": .string("<think>\nx</think>\n\(text)"),
            ])
        }
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        for name in ["smollm2", "qwen3", "mistral", "gpt_oss"] {
            let file = folder.appendingPathComponent("Goldens/templates/\(name).jinja")
            let template = try ChatTemplate(source: try String(contentsOf: file, encoding: .utf8))
            var best = Duration.seconds(1_000)
            for _ in 0..<10 {
                let start = ContinuousClock.now
                _ = try template.render(messages: messages, addGenerationPrompt: true)
                best = min(best, ContinuousClock.now - start)
            }
            #expect(best < .milliseconds(10), "\(name): \(best)")
        }
    }
}
