import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

@Suite struct ChatTests {
    private func prompt(of fixture: Fixture) throws -> String {
        let request = try #require(fixture.engine.requests.last)
        return try TinyTokenizer.make().decode(request.promptTokens, skipSpecialTokens: false)
    }

    @Test func messagesGoThroughTheTemplate() async throws {
        let fixture = try Fixture(saying: "Hello!")
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"""
            {"model":"org/alias","messages":[{"role":"system","content":"Be brief."},
             {"role":"user","content":[{"type":"text","text":"Hi"},{"type":"text","text":"you"}]}]}
            """#
        )
        #expect(answer.status == 200)
        let json = answer.json
        #expect(json["object"] == "chat.completion")
        #expect(json["id"].stringValue?.hasPrefix("chatcmpl-") == true)
        #expect(json["model"] == "tiny")
        let choice = json["choices"][0]
        #expect(choice["message"]["role"] == "assistant")
        #expect(choice["message"]["content"] == "Hello!")
        #expect(choice["finish_reason"] == "stop")
        let expected =
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi\nyou<|im_end|>\n"
            + "<|im_start|>assistant\n"
        #expect(try prompt(of: fixture) == expected)
        // The role marks are tokens, not text.
        #expect(fixture.engine.requests[0].promptTokens.first == TinyTokenizer.turnStart)
    }

    @Test func theAnswerMayFillTheContext() async throws {
        let fixture = try Fixture(saying: "x")
        let messages = #""messages":[{"role":"user","content":"a"}]"#
        _ = try await fixture.post("/v1/chat/completions", "{\(messages)}")
        let promptCount = fixture.engine.requests[0].promptTokens.count
        #expect(fixture.engine.requests[0].stopping.maxTokens == 128 - promptCount)
        _ = try await fixture.post(
            "/v1/chat/completions",
            #"{\#(messages),"max_tokens":9,"max_completion_tokens":4}"#
        )
        #expect(fixture.engine.requests[1].stopping.maxTokens == 4)
    }

    @Test func theGenerationPromptCanBeLeftOut() async throws {
        let fixture = try Fixture(saying: "x")
        _ = try await fixture.post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":"a"}],"add_generation_prompt":false}"#
        )
        #expect(try prompt(of: fixture) == "<|im_start|>user\na<|im_end|>\n")
    }

    @Test func theFinalMessageCanBeContinuedAndEchoed() async throws {
        let fixture = try Fixture(saying: " go")
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"""
            {"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"Here we"}],
             "continue_final_message":true,"echo":true}
            """#
        )
        #expect(
            try prompt(of: fixture)
                == "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nHere we"
        )
        #expect(answer.json["choices"][0]["message"]["content"] == "Here we go")
    }

    @Test func toolsAndVariablesReachTheTemplate() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.chatTemplate = try ChatTemplate(
            source:
                "{% set call = messages[1].tool_calls[0] %}"
                + "{{ tools[0].function.name }}/{{ mood }}/{{ call.function.arguments.b }}"
                + "/{{ messages[2].tool_call_id }}"
        )
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"""
            {"messages":[{"role":"user","content":"a"},
              {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function",
                "function":{"name":"f","arguments":"{\"b\":5}"}}]},
              {"role":"tool","tool_call_id":"1","content":"2"}],
             "tools":[{"type":"function","function":{"name":"f","parameters":{}}}],
             "tool_choice":"auto","chat_template_kwargs":{"mood":"good"}}
            """#
        )
        #expect(answer.status == 200, "\(answer.text)")
        #expect(try prompt(of: fixture) == "f/good/5/1")
    }

    @Test func aModelWithoutATemplateRefusesChats() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.chatTemplate = nil
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":"a"}]}"#
        )
        #expect(answer.status == 400)
        #expect(answer.json["error"]["message"].stringValue?.contains("chat template") == true)
    }

    @Test func whatTheTemplateRefusesIsTheClientsError() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.chatTemplate = try ChatTemplate(
            source: "{{ raise_exception('Roles must alternate.') }}"
        )
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":"a"}]}"#
        )
        #expect(answer.status == 400)
        #expect(answer.json["error"]["message"].stringValue?.contains("must alternate") == true)
        #expect(answer.json["error"]["param"] == "messages")
    }

    @Test func severalChoicesAreDrawnFromOnePrompt() async throws {
        let fixture = try Fixture(saying: "x")
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":"a"}],"n":3}"#
        )
        #expect(answer.json["choices"].listValue?.map { $0["index"].integerValue } == [0, 1, 2])
        #expect(fixture.engine.requests.count == 1)
    }
}
