import Inference
import OpenAIServer
import Testing
import Tokenization

/// Calls of tools, over an engine that says what a script has.
@Suite struct ToolTests {
    private static let tools = #"""
        "tools":[{"type":"function","function":{"name":"weather","parameters":{"type":"object",
          "properties":{"city":{"type":"string"}},"required":["city"]}}},
         {"type":"function","function":{"name":"now"}}]
        """#

    private func fixture(saying text: String) throws -> Fixture {
        var fixture = try Fixture(saying: text)
        fixture.chatTemplate = try ChatTemplate(
            source: Fixture.chatML + "{# calls are in <tool_call> #}"
        )
        return fixture
    }

    private func body(_ more: String) -> String {
        #"{"messages":[{"role":"user","content":"a"}],\#(Self.tools)\#(more)}"#
    }

    @Test func callsInAnAnswerAreFound() async throws {
        let text =
            "I look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n"
            + "</tool_call>\n<tool_call>{\"name\": \"now\"}</tool_call>"
        let answer = try await fixture(saying: text).post("/v1/chat/completions", body(""))
        #expect(answer.status == 200, "\(answer.text)")
        let choice = answer.json["choices"][0]
        #expect(choice["finish_reason"] == "tool_calls")
        #expect(choice["message"]["content"] == "I look.")
        let calls = choice["message"]["tool_calls"]
        #expect(calls[0]["function"]["name"] == "weather")
        #expect(calls[0]["function"]["arguments"] == #"{"city": "Rome"}"#)
        #expect(calls[0]["type"] == "function")
        #expect(calls[1]["function"]["name"] == "now")
        #expect(calls[1]["function"]["arguments"] == "{}")
        #expect(calls[0]["id"].stringValue?.hasPrefix("call_") == true)
        #expect(calls[0]["id"].stringValue != calls[1]["id"].stringValue)
    }

    @Test func aStreamHasTheNameFirstAndThenTheArguments() async throws {
        let text =
            "<tool_call>{\"name\": \"weather\", \"arguments\": {\"city\": \"é\"}}</tool_call>"
        let answer = try await fixture(saying: text)
            .post("/v1/chat/completions", body(#","stream":true"#))
        let deltas = answer.chunks.map { $0["choices"][0]["delta"] }
        let calls = deltas.map { $0["tool_calls"][0] }.filter { !$0.isUndefined }
        #expect(calls[0]["id"].stringValue?.hasPrefix("call_") == true)
        #expect(calls[0]["function"]["name"] == "weather")
        #expect(calls[0]["function"]["arguments"] == "")
        #expect(calls.dropFirst().allSatisfy { $0["id"].isUndefined && $0["index"] == .integer(0) })
        let arguments = calls.compactMap { $0["function"]["arguments"].stringValue }.joined()
        #expect(arguments == #"{"city": "é"}"#)
        #expect(calls.count > 5)
        #expect(deltas.allSatisfy { ($0["content"].stringValue ?? "").isEmpty })
        #expect(answer.chunks.last?["choices"][0]["finish_reason"] == "tool_calls")
    }

    @Test func textWithoutCallsIsText() async throws {
        let answer = try await fixture(saying: "Just <b>text</b>")
            .post("/v1/chat/completions", body(""))
        #expect(answer.json["choices"][0]["message"]["content"] == "Just <b>text</b>")
        #expect(answer.json["choices"][0]["message"]["tool_calls"].isUndefined)
        #expect(answer.json["choices"][0]["finish_reason"] == "stop")
    }

    @Test func callsAreNotLookedForWhereNoneMayBe() async throws {
        let text = "<tool_call>{\"name\": \"now\"}</tool_call>"
        let answer = try await fixture(saying: text)
            .post("/v1/chat/completions", body(#","tool_choice":"none""#))
        #expect(answer.json["choices"][0]["message"]["content"] == .string(text))
        #expect(answer.json["choices"][0]["finish_reason"] == "stop")
    }

    @Test(arguments: [
        (#""required""#, "tool_calls"),
        (#"{"type":"function","function":{"name":"weather"}}"#, "stop"),
    ])
    func aCallThatMustComeIsEnforced(_ choice: String, _ reason: String) async throws {
        let text =
            "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}"
            + "\n</tool_call>"
        let fixture = try fixture(saying: text)
        let answer = try await fixture.post(
            "/v1/chat/completions",
            body(#","tool_choice":\#(choice)"#)
        )
        #expect(answer.status == 200, "\(answer.text)")
        let message = answer.json["choices"][0]["message"]
        #expect(message["content"].isNone)
        #expect(message["tool_calls"][0]["function"]["arguments"] == #"{"city": "Rome"}"#)
        #expect(answer.json["choices"][0]["finish_reason"] == .string(reason))
        // Only `<` may begin it.
        let first = try #require(fixture.engine.requests.first?.firstMask)
        #expect(first.reduce(0) { $0 + $1.nonzeroBitCount } == 1)
        #expect(first[0x3C / 32] >> (0x3C % 32) & 1 == 1)
    }

    @Test(arguments: [
        (#","tool_choice":"sometimes""#, "tool_choice"),
        (#","tool_choice":{"type":"function","function":{"name":"x"}}"#, "tool_choice"),
        (
            #","tool_choice":"required","response_format":{"type":"json_object"}"#, "tool_choice"
        ),
    ])
    func aChoiceThatMakesNoSenseIsRefused(_ more: String, _ param: String) async throws {
        let answer = try await fixture(saying: "x").post("/v1/chat/completions", body(more))
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == .string(param), "\(answer.text)")
    }
}
