import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

/// Anthropic's API.
@Suite struct MessagesTests {
    private static let messages = #""messages":[{"role":"user","content":"Hi"}]"#
    private static let tools = #"""
        "tools":[{"name":"weather","description":"d","input_schema":{"type":"object",
          "properties":{"city":{"type":"string"}},"required":["city"]}}]
        """#
    private static let call =
        "I look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}"
        + "\n</tool_call>"

    private func fixture(saying text: String) throws -> Fixture {
        var fixture = try Fixture(saying: text)
        let template = Fixture.chatML + "{# calls are in <tool_call> #}"
        fixture.chatTemplate = try ChatTemplate(source: template)
        return fixture
    }

    private func prompt(of fixture: Fixture) throws -> String {
        let request = try #require(fixture.engine.requests.last)
        return try TinyTokenizer.make().decode(request.promptTokens, skipSpecialTokens: false)
    }

    @Test func aMessageIsAnswered() async throws {
        let fixture = try Fixture(saying: "Hello!")
        let answer = try await fixture.post(
            "/v1/messages",
            #"""
            {"model":"tiny","max_tokens":9,"system":[{"type":"text","text":"Be"},
             {"type":"text","text":"brief","cache_control":{"type":"ephemeral"}}],
             "messages":[{"role":"user","content":[{"type":"text","text":"a"}]},
              {"role":"assistant","content":"b"},{"role":"user","content":"c"}]}
            """#
        )
        #expect(answer.status == 200, "\(answer.text)")
        let json = answer.json
        #expect(json["type"] == "message" && json["role"] == "assistant")
        #expect(json["id"].stringValue?.hasPrefix("msg_") == true)
        #expect(json["content"] == [["text": "Hello!", "type": "text"]])
        #expect(json["stop_reason"] == "end_turn")
        #expect(json["stop_sequence"].isNone)
        #expect(json["usage"]["output_tokens"] == 7)
        let tokenCount = try #require(fixture.engine.requests.last).promptTokens.count
        #expect(json["usage"]["input_tokens"] == .integer(tokenCount))
        #expect(
            try prompt(of: fixture)
                == "<|im_start|>system\nBe\nbrief<|im_end|>\n<|im_start|>user\na<|im_end|>\n"
                + "<|im_start|>assistant\nb<|im_end|>\n<|im_start|>user\nc<|im_end|>\n"
                + "<|im_start|>assistant\n"
        )
        #expect(fixture.engine.requests.last?.stopping.maxTokens == 9)
    }

    @Test func aLastTurnOfTheAssistantIsGoneOnWith() async throws {
        let fixture = try Fixture(saying: "x")
        _ = try await fixture.post(
            "/v1/messages",
            #"""
            {"max_tokens":5,"messages":[{"role":"user","content":"a"},
             {"role":"assistant","content":"The answer is"}]}
            """#
        )
        #expect(
            try prompt(of: fixture)
                == "<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\nThe answer is"
        )
    }

    @Test(arguments: [
        (#""max_tokens":3"#, "abc", FinishReason.length, "max_tokens"),
        (#""max_tokens":9,"stop_sequences":["c"]"#, "abcd", .stop(258), "stop_sequence"),
    ])
    func whatEndedItIsSaid(
        _ fields: String,
        _ text: String,
        _ ending: FinishReason,
        _ reason: String
    ) async throws {
        let fixture = try Fixture(saying: text, ending: ending)
        let answer = try await fixture.post("/v1/messages", "{\(fields),\(Self.messages)}")
        #expect(answer.json["stop_reason"] == .string(reason), "\(answer.text)")
        let isStop = reason == "stop_sequence"
        #expect(answer.json["stop_sequence"] == (isStop ? "c" : .none))
        #expect(answer.json["content"][0]["text"] == .string(isStop ? "ab" : "abc"))
    }

    @Test func callsAreBlocks() async throws {
        let answer = try await fixture(saying: Self.call)
            .post("/v1/messages", #"{"max_tokens":99,\#(Self.messages),\#(Self.tools)}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["stop_reason"] == "tool_use")
        #expect(answer.json["content"][0]["text"] == "I look.")
        let call = answer.json["content"][1]
        #expect(call["type"] == "tool_use" && call["name"] == "weather")
        #expect(call["input"] == ["city": "Rome"])
        #expect(call["id"].stringValue?.hasPrefix("toolu_") == true)
    }

    @Test(arguments: [
        (#"{"type":"any"}"#, true), (#"{"type":"tool","name":"weather"}"#, true),
        (#"{"type":"auto","disable_parallel_tool_use":true}"#, false), (#"{"type":"none"}"#, false),
    ])
    func aCallThatMustComeIsEnforced(_ choice: String, _ isEnforced: Bool) async throws {
        let fixture = try fixture(saying: Self.call.replacing("I look.\n", with: ""))
        let answer = try await fixture.post(
            "/v1/messages",
            #"{"max_tokens":99,\#(Self.messages),\#(Self.tools),"tool_choice":\#(choice)}"#
        )
        #expect(answer.status == 200, "\(answer.text)")
        #expect((fixture.engine.requests.last?.firstMask != nil) == isEnforced)
        let isText = choice.contains("none")
        #expect(answer.json["stop_reason"] == (isText ? "end_turn" : "tool_use"))
        #expect(answer.json["content"][0]["type"] == (isText ? "text" : "tool_use"))
    }

    @Test func resultsAreMessagesOfTheTool() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.chatTemplate = try ChatTemplate(
            source: "{% for m in messages %}{{ m | tojson }}\n{% endfor %}"
        )
        fixture.engine = ScriptedEngine(properties: .roomy) { request throws(AdmissionError) in
            Fixture.say("x", request, ending: .stop(TinyTokenizer.turnEnd))
        }
        _ = try await fixture.post(
            "/v1/messages",
            #"""
            {"max_tokens":1,"messages":[
             {"role":"assistant","content":[
              {"type":"tool_use","id":"t","name":"n","input":{"a":1}}]},
             {"role":"user","content":[{"type":"text","text":"so"},
              {"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"r"}]},
              {"type":"tool_result","tool_use_id":"u","content":"no","is_error":true}]}]}
            """#
        )
        let text = try #require(fixture.engine.requests.last.map { $0.promptTokens })
        let lines = try TinyTokenizer.make().decode(text, skipSpecialTokens: false)
            .split(separator: "\n").map { try JinjaValue(json: $0.utf8) }
        #expect(lines.map { $0["role"].stringValue } == ["assistant", "tool", "tool", "user"])
        #expect(lines[0]["tool_calls"][0]["function"]["arguments"] == ["a": 1])
        #expect(lines[1]["content"] == "r" && lines[1]["tool_call_id"] == "t")
        #expect(lines[2]["content"] == "Error: no")
        #expect(lines[3]["content"] == "so")
    }

    @Test func aStreamHasAnthropicsEvents() async throws {
        let body = #"{"max_tokens":99,"stream":true,\#(Self.messages),\#(Self.tools)}"#
        let answer = try await fixture(saying: Self.call).post("/v1/messages", body)
        let events = answer.named
        var names = events.map(\.name)
        for (name, event) in events { #expect(event["type"] == .string(name)) }
        names.removeAll { $0 == "content_block_delta" }
        #expect(
            names == [
                "message_start", "ping", "content_block_start", "content_block_stop",
                "content_block_start", "content_block_stop", "message_delta", "message_stop",
            ]
        )
        #expect(events[0].data["message"]["content"] == [])
        #expect(events[0].data["message"]["usage"]["input_tokens"].integerValue ?? 0 > 0)
        let deltas = events.filter { $0.name == "content_block_delta" }.map(\.data)
        let text = deltas.compactMap { $0["delta"]["text"].stringValue }.joined()
        let input = deltas.compactMap { $0["delta"]["partial_json"].stringValue }.joined()
        #expect(text == "I look." && input == #"{"city": "Rome"}"#)
        #expect(deltas.allSatisfy { $0["index"] == ($0["delta"]["text"].isUndefined ? 1 : 0) })
        let last = events[events.count - 2].data
        #expect(last["delta"] == ["stop_reason": "tool_use", "stop_sequence": JinjaValue.none])
        #expect(last["usage"]["output_tokens"].integerValue ?? 0 > 0)
        #expect(!answer.text.contains("[DONE]"))
    }

    @Test func anErrorInAStreamIsAnEvent() async throws {
        let fixture = try Fixture { _ in [.prompt, .emit(.failed(.deviceLost("gone")))] }
        let answer = try await fixture.post(
            "/v1/messages",
            #"{"max_tokens":9,"stream":true,\#(Self.messages)}"#
        )
        let last = try #require(answer.named.last)
        #expect(last.name == "error")
        #expect(last.data["error"]["type"] == "overloaded_error")
    }

    @Test func tokensAreCountedWithoutTheEngine() async throws {
        let fixture = try Fixture(saying: "x")
        let counted = try await fixture.post("/v1/messages/count_tokens", "{\(Self.messages)}")
        _ = try await fixture.post("/v1/messages", #"{"max_tokens":1,\#(Self.messages)}"#)
        #expect(fixture.engine.requests.count == 1)
        let tokenCount = fixture.engine.requests[0].promptTokens.count
        #expect(counted.json == ["input_tokens": .integer(tokenCount)])
    }

    @Test(arguments: [
        ("{\(messages)}", 400, "invalid_request_error", "'max_tokens'"),
        (#"{"max_tokens":1}"#, 400, "invalid_request_error", "'messages'"),
        (#"{"max_tokens":1,"messages":[]}"#, 400, "invalid_request_error", "at least one"),
        (#"{"max_tokens":0,\#(messages)}"#, 400, "invalid_request_error", "at least 1, got 0"),
        (
            #"{"max_tokens":1,"messages":[{"role":"user","content":[{"type":"image"}]}]}"#, 400,
            "invalid_request_error", "messages.0.content.0: content blocks of type 'image'"
        ),
        (
            #"{"max_tokens":1,\#(messages),"tools":[{"type":"bash_20250124","name":"b"}]}"#, 400,
            "invalid_request_error", "tools of type 'bash_20250124' are not supported"
        ),
        (
            #"{"max_tokens":1,\#(messages),"thinking":{"type":"enabled","budget_tokens":5}}"#, 400,
            "invalid_request_error", "a budget for thinking is not supported"
        ),
        (
            #"{"max_tokens":1,\#(messages),"mcp_servers":[]}"#, 400, "invalid_request_error",
            "mcp_servers is not supported"
        ),
        (
            #"{"model":"x","max_tokens":1,\#(messages)}"#, 404, "not_found_error",
            "The model `x` does not exist."
        ),
        ("[", 400, "invalid_request_error", "JSON decode error"),
    ])
    func errorsHaveAnthropicsShape(
        _ body: String,
        _ status: Int,
        _ type: String,
        _ message: String
    ) async throws {
        let fixture = try Fixture(saying: "never")
        let answer = try await fixture.post("/v1/messages", body)
        #expect(answer.status == status)
        #expect(answer.json["type"] == "error")
        #expect(answer.json["error"]["type"] == .string(type))
        #expect(answer.json["error"]["message"].stringValue?.contains(message) == true)
        #expect(fixture.engine.requests.isEmpty)
    }

    @Test func theKeyMayBeWhereAnthropicsClientsHaveIt() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.apiKeys = ["key"]
        let body = #"{"max_tokens":1,\#(Self.messages)}"#
        for (key, status) in [("key", 200), ("kay", 401)] {
            var headers: HTTPFields = [:]
            if let name = HTTPField.Name("x-api-key") { headers[name] = key }
            let answer = try await fixture.post("/v1/messages", body, headers: headers)
            #expect(answer.status == status)
            if status == 401 { #expect(answer.json["error"]["type"] == "authentication_error") }
        }
    }

    @Test func aSchemaForTheOutputIsEnforced() async throws {
        let fixture = try Fixture(saying: #"{"a": 1}"#)
        let answer = try await fixture.post(
            "/v1/messages",
            #"""
            {"max_tokens":50,\#(Self.messages),"output_config":{"format":{"type":"json_schema",
             "schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}}}
            """#
        )
        #expect(answer.json["content"][0]["text"] == #"{"a": 1}"#, "\(answer.text)")
        #expect(fixture.engine.requests.last?.firstMask != nil)
    }
}
