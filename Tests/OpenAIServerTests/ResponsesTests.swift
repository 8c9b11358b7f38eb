import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

@Suite struct ResponsesTests {
    private static let tools = #"""
        "tools":[{"type":"function","name":"weather","parameters":{"type":"object",
          "properties":{"city":{"type":"string"}},"required":["city"]}},
         {"type":"function","name":"now"}]
        """#
    private static let call =
        "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Rome\"}}\n</tool_call>"

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

    @Test func aTextIsAnswered() async throws {
        let fixture = try Fixture(saying: "Hello!")
        let answer = try await fixture.post(
            "/v1/responses",
            #"""
            {"model":"tiny","input":"Hi","instructions":"Be brief","temperature":0.7,"store":true,
             "max_output_tokens":50,"metadata":{"k":"v"},"user":"u"}
            """#
        )
        #expect(answer.status == 200, "\(answer.text)")
        let json = answer.json
        #expect(json["object"] == "response" && json["status"] == "completed")
        #expect(json["id"].stringValue?.hasPrefix("resp_") == true)
        let item = json["output"][0]
        #expect(item["type"] == "message" && item["status"] == "completed")
        #expect(item["content"][0]["text"] == "Hello!")
        #expect(item["content"][0]["type"] == "output_text")
        #expect(item["content"][0]["annotations"] == [])
        #expect(json["store"] == false && json["temperature"] == 0.7)
        #expect(json["metadata"] == ["k": "v"] && json["instructions"] == "Be brief")
        #expect(json["text"] == ["format": ["type": "text"]])
        #expect(json["tool_choice"] == "none" && json["tools"] == [])
        #expect(json["error"].isNone && json["incomplete_details"].isNone)
        #expect(json["max_output_tokens"] == 50)
        #expect(json["usage"]["output_tokens"] == 7)
        #expect(json["usage"]["input_tokens_details"]["cached_tokens"] == 0)
        #expect(
            try prompt(of: fixture)
                == "<|im_start|>system\nBe brief<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n"
                + "<|im_start|>assistant\n"
        )
    }

    @Test func itemsAreMessages() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.chatTemplate = try ChatTemplate(
            source: "{% for m in messages %}{{ m | tojson }}\n{% endfor %}"
        )
        fixture.engine = ScriptedEngine(properties: .roomy) { request throws(AdmissionError) in
            Fixture.say("x", request, ending: .stop(TinyTokenizer.turnEnd))
        }
        let answer = try await fixture.post(
            "/v1/responses",
            #"""
            {"input":[{"role":"developer","content":"d"},
             {"type":"message","role":"user","content":[{"type":"input_text","text":"q"}]},
             {"type":"message","role":"assistant",
              "content":[{"type":"output_text","text":"I look"}]},
             {"type":"function_call","call_id":"1","name":"weather",
              "arguments":"{\"city\":\"Rome\"}"},
             {"type":"function_call","call_id":"2","name":"now","arguments":"{}"},
             {"type":"function_call_output","call_id":"1","output":"sun"},
             {"type":"function_call_output","call_id":"2",
              "output":[{"type":"input_text","text":"noon"}]}]}
            """#
        )
        #expect(answer.status == 200, "\(answer.text)")
        let lines = try prompt(of: fixture).split(separator: "\n").map {
            try JinjaValue(json: $0.utf8)
        }
        #expect(
            lines.map { $0["role"].stringValue }
                == ["system", "user", "assistant", "tool", "tool"]
        )
        #expect(lines[2]["content"] == "I look")
        #expect(lines[2]["tool_calls"].listValue?.count == 2)
        #expect(lines[2]["tool_calls"][0]["function"]["arguments"] == ["city": "Rome"])
        #expect(lines[3]["tool_call_id"] == "1" && lines[3]["content"] == "sun")
        #expect(lines[4]["content"] == "noon")
    }

    @Test func anAnswerThatIsCutOffIsIncomplete() async throws {
        let answer = try await Fixture(saying: "abc", ending: .length)
            .post("/v1/responses", #"{"input":"a","max_output_tokens":3}"#)
        #expect(answer.json["status"] == "incomplete")
        #expect(answer.json["incomplete_details"] == ["reason": "max_output_tokens"])
        #expect(answer.json["output"][0]["status"] == "incomplete")
    }

    @Test(arguments: [
        (#""auto""#, false), (#""required""#, true),
        (#"{"type":"function","name":"weather"}"#, true),
        (
            #"{"type":"allowed_tools","mode":"required","tools":[{"name":"weather"}]}"#,
            true
        ),
    ])
    func callsAreItems(_ choice: String, _ isEnforced: Bool) async throws {
        let fixture = try fixture(saying: Self.call)
        let answer = try await fixture.post(
            "/v1/responses",
            #"{"input":"a",\#(Self.tools),"tool_choice":\#(choice)}"#
        )
        #expect(answer.status == 200, "\(answer.text)")
        let item = answer.json["output"][0]
        #expect(item["type"] == "function_call" && item["name"] == "weather")
        #expect(item["arguments"] == #"{"city": "Rome"}"#)
        #expect(item["status"] == "completed")
        #expect(item["call_id"].stringValue?.hasPrefix("call_") == true)
        #expect(answer.json["tools"].listValue?.count == 2)
        #expect((fixture.engine.requests.last?.firstMask != nil) == isEnforced)
    }

    @Test func aStreamedTextHasOpenAIsEvents() async throws {
        let answer = try await Fixture(saying: "Hey").post(
            "/v1/responses",
            #"{"input":"a","stream":true}"#
        )
        let events = answer.named
        #expect(
            events.map(\.name) == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.content_part.added", "response.output_text.delta",
                "response.output_text.delta", "response.output_text.delta",
                "response.output_text.done", "response.content_part.done",
                "response.output_item.done", "response.completed",
            ]
        )
        for (number, event) in events.enumerated() {
            #expect(event.data["sequence_number"] == .integer(number))
            #expect(event.data["type"] == .string(event.name))
        }
        #expect(events[0].data["response"]["status"] == "in_progress")
        let deltas = events.compactMap { $0.data["delta"].stringValue }
        #expect(deltas == ["H", "e", "y"])
        #expect(events[7].data["text"] == "Hey")
        let last = events[10].data["response"]
        #expect(last["output"][0]["content"][0]["text"] == "Hey")
        #expect(last["output"][0]["id"] == events[4].data["item_id"])
        #expect(last["usage"]["output_tokens"] == 4)
    }

    @Test func aStreamedCallAddsUp() async throws {
        let answer = try await fixture(saying: "Well. " + Self.call)
            .post("/v1/responses", #"{"input":"a","stream":true,\#(Self.tools)}"#)
        let events = answer.named
        let deltas = events.filter { $0.name == "response.function_call_arguments.delta" }
        #expect(deltas.allSatisfy { $0.data["output_index"] == 1 })
        let joined = deltas.compactMap { $0.data["delta"].stringValue }.joined()
        let done = try #require(
            events.first { $0.name == "response.function_call_arguments.done" }
        )
        #expect(done.data["arguments"] == .string(joined))
        #expect(joined == #"{"city": "Rome"}"#)
        #expect(events.last?.data["response"]["output"].listValue?.count == 2)
    }

    @Test func anErrorInAStreamFailsTheResponse() async throws {
        let fixture = try Fixture { _ in [.prompt, .emit(.failed(.deviceLost("gone")))] }
        let answer = try await fixture.post("/v1/responses", #"{"input":"a","stream":true}"#)
        let last = try #require(answer.named.last)
        #expect(last.name == "response.failed")
        #expect(last.data["response"]["error"]["code"] == "server_error")
    }

    @Test func aFormatIsEnforced() async throws {
        let fixture = try Fixture(saying: #"{"a": 1}"#)
        let answer = try await fixture.post(
            "/v1/responses",
            #"""
            {"input":"a","text":{"format":{"type":"json_schema","name":"n","strict":true,
             "schema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}}}
            """#
        )
        #expect(answer.json["output"][0]["content"][0]["text"] == #"{"a": 1}"#, "\(answer.text)")
        #expect(fixture.engine.requests.last?.firstMask != nil)
        #expect(answer.json["text"]["format"]["name"] == "n")
    }

    @Test func theOldestTurnsAreLeftOutWhereAsked() async throws {
        let turns = (0..<9).map {
            #"{"role":"user","content":"question \#($0)"},{"role":"assistant","content":"ok"}"#
        }
        let input = turns.joined(separator: ",") + #",{"role":"user","content":"last"}"#
        let body = #""instructions":"S","input":[\#(input)]"#
        let fixture = try Fixture(saying: "x")
        let refused = try await fixture.post("/v1/responses", "{\(body)}")
        #expect(refused.json["error"]["param"] == "input_tokens")
        let answer = try await fixture.post("/v1/responses", #"{\#(body),"truncation":"auto"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        let kept = try prompt(of: fixture)
        #expect(kept.hasPrefix("<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nquestion"))
        #expect(kept.contains("last") && !kept.contains("question 0"))
        // One turn more, of 50 bytes or so, would not have fitted.
        #expect(fixture.engine.requests.last?.promptTokens.count ?? 0 > 128 - 60)
    }

    @Test(arguments: [
        (#""previous_response_id":"r""#, "previous_response_id", "stores nothing"),
        (#""conversation":"c""#, "conversation", "stores nothing"),
        (#""prompt":{"id":"p"}"#, "prompt", "stores nothing"),
        (#""background":true"#, "background", "stores nothing"),
        (#""tools":[{"type":"web_search"}]"#, "tools.0", "type 'web_search'"),
        (#""include":["file_search_call.results"]"#, "include", "can only name"),
        (#""truncation":"middle""#, "truncation", "\"auto\" or \"disabled\""),
        (#""text":{"format":{"type":"xml"}}"#, "text.format", "text.format.type can be"),
        (#""text":{"verbosity":"low"}"#, "text.verbosity", "medium"),
        (#""max_output_tokens":0"#, "max_output_tokens", "at least 1"),
        (#""temperature":3"#, "temperature", "in [0, 2]"),
        (
            #""text":{"format":{"type":"json_schema","name":"n","schema":{"not":{}}}}"#,
            "text.format", "not"
        ),
        (#""tool_choice":{"type":"mcp"}"#, "tool_choice", "tool_choice can be"),
    ])
    func whatIsNotSupportedIsRefusedByName(
        _ field: String,
        _ param: String,
        _ message: String
    ) async throws {
        let fixture = try Fixture(saying: "never")
        let answer = try await fixture.post("/v1/responses", #"{"input":"a",\#(field)}"#)
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == .string(param), "\(answer.text)")
        #expect(answer.json["error"]["message"].stringValue?.contains(message) == true)
        #expect(fixture.engine.requests.isEmpty)
    }

    @Test(arguments: [
        ("{}", "body.input"), (#"{"input":5}"#, "body.input"), (#"{"input":[]}"#, "input"),
        (#"{"input":[{"type":"reasoning"}]}"#, "input.0"),
        (#"{"input":[{"role":"user"}]}"#, "body.input.0.content"),
        (#"{"input":[{"type":"function_call","name":"n"}]}"#, "body.input.0.call_id"),
    ])
    func anInputOfTheWrongFormIsNamed(_ body: String, _ param: String) async throws {
        let answer = try await Fixture(saying: "never").post("/v1/responses", body)
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == .string(param), "\(answer.text)")
    }

    @Test func nothingIsStored() async throws {
        let answer = try await Fixture(saying: "never").get("/v1/responses/resp_1")
        #expect(answer.status == 404)
        #expect(
            answer.json["error"]["message"].stringValue?.contains("stores no responses") == true
        )
    }

    @Test func logprobsAreIncludedWhereAsked() async throws {
        let logprob = TokenLogprob(token: 0x61, logprob: -0.5, rank: 1)
        let fixture = try Fixture { _ in
            let logprobs = PositionLogprobs(chosen: logprob, top: [logprob])
            return [
                .prompt, .emit(.token(choice: 0, GeneratedToken(id: 0x61, logprobs: logprobs))),
                .finished(.length),
            ]
        }
        let answer = try await fixture.post(
            "/v1/responses",
            #"{"input":"a","top_logprobs":1,"include":["message.output_text.logprobs"]}"#
        )
        let logprobs = answer.json["output"][0]["content"][0]["logprobs"]
        #expect(logprobs[0]["token"] == "a" && logprobs[0]["top_logprobs"][0]["logprob"] == -0.5)
        #expect(answer.json["top_logprobs"] == 1)
    }
}
