import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

/// What is refused before its fields are looked at, or for its size.
@Suite struct RefusedBodyTests {
    @Test(arguments: [128, 129, 500])
    func aPromptThatFillsTheContextIsRefused(_ count: Int) async throws {
        let fixture = try Fixture(saying: "never")
        let ids = repeatElement("1", count: count).joined(separator: ",")
        let answer = try await fixture.post("/v1/completions", #"{"prompt":[\#(ids)]}"#)
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == "input_tokens")
        let message = try #require(answer.json["error"]["message"].stringValue)
        #expect(message.hasPrefix("This model's maximum context length is 128 tokens. However, "))
        #expect(message.contains("your prompt contains at least \(count) input tokens"))
        #expect(message.hasSuffix("(parameter=input_tokens, value=\(count))"))
    }

    @Test func absurdlyLongTextIsRefusedUnread() async throws {
        let fixture = try Fixture(saying: "ok")
        // The longest token has 13 bytes, the context 128 tokens.
        let longest = String(repeating: "<|endoftext|>", count: 127)
        let good = try await fixture.post("/v1/completions", #"{"prompt":"\#(longest)"}"#)
        #expect(good.status == 200, "\(good.text)")
        let bad = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"\#(longest)<|endoftext|>x"}"#
        )
        #expect(bad.status == 400)
        #expect(bad.json["error"]["param"] == "input_text")
    }

    @Test func invalidJSONIsRefusedWithItsPosition() async throws {
        let answer = try await Fixture(saying: "never").post("/v1/completions", #"{"a": }"#)
        #expect(answer.status == 400)
        #expect(answer.json["error"]["type"] == "Bad Request")
        #expect(answer.json["error"]["param"].stringValue?.hasPrefix("body.") == true)
        #expect(answer.json["error"]["message"].stringValue?.contains("'json_invalid'") == true)
    }

    @Test func anotherContentTypeIsRefused() async throws {
        let fixture = try Fixture(saying: "ok")
        let plain = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"a"}"#,
            headers: [.contentType: "text/plain"]
        )
        #expect(plain.status == 415)
        let message = plain.json["error"]["message"].stringValue
        #expect(message?.hasSuffix("Only 'application/json' is allowed") == true)
        let charset = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"a"}"#,
            headers: [.contentType: "application/json; charset=utf-8"]
        )
        #expect(charset.status == 200)
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        var fixture = try Fixture(saying: "ok")
        fixture.configuration.limits.bodySize = 30
        let small = try await fixture.post("/v1/completions", #"{"prompt":"a"}"#)
        #expect(small.status == 200)
        let large = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"aaaaaaaaaaaaaaaaaaaaaaaa"}"#
        )
        #expect(large.status == 413)
        #expect(large.json["error"]["code"] == 413)
    }

    @Test func limitsCountPromptsStopsAndMessages() async throws {
        var fixture = try Fixture(saying: "ok")
        fixture.configuration.limits.promptCount = 2
        fixture.configuration.limits.messageCount = 1
        let prompts = try await fixture.post("/v1/completions", #"{"prompt":["a","b","c"]}"#)
        #expect(prompts.json["error"]["param"] == "prompt")
        let stops = repeatElement(#""x""#, count: 17).joined(separator: ",")
        let stop = try await fixture.post("/v1/completions", #"{"prompt":"a","stop":[\#(stops)]}"#)
        #expect(stop.json["error"]["param"] == "stop")
        let message = #"{"role":"user","content":"a"}"#
        let chat = try await fixture.post(
            "/v1/chat/completions",
            #"{"messages":[\#(message),\#(message)]}"#
        )
        #expect(chat.json["error"]["param"] == "messages")
    }

    @Test func unknownPathsAndMethodsAreRefusedInTheSameShape() async throws {
        let fixture = try Fixture(saying: "ok")
        let path = try await fixture.get("/v1/nothing")
        #expect(path.status == 404)
        #expect(path.json["error"]["type"] == "Not Found")
        let method = try await fixture.get("/v1/completions")
        #expect(method.status == 405)
        #expect(method.json["error"]["type"] == "Method Not Allowed")
        #expect(method.headers[.allow] == "POST")
    }
}
