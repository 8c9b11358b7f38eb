import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

@Suite struct StreamingTests {
    /// The ids and times of a transcript differ from run to run.
    private func normalised(_ answer: Answer) -> String {
        let chunk = answer.chunks.first ?? .undefined
        return answer.text
            .replacing(chunk["id"].stringValue ?? "?", with: "ID")
            .replacing("\(chunk["created"].integerValue ?? 0)", with: "TIME")
    }

    private static let chat =
        #""messages":[{"role":"user","content":"a"}],"stream":true"#

    @Test func aChatStreamsAsInVLLM() async throws {
        let fixture = try Fixture(saying: "Hi")
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"{\#(Self.chat),"stream_options":{"include_usage":true}}"#
        )
        #expect(answer.headers[.contentType] == "text/event-stream; charset=utf-8")
        try expectGolden("chat_stream.txt", normalised(answer))
    }

    @Test func aCompletionStreamsAsInVLLM() async throws {
        let fixture = try Fixture(saying: "Hi", ending: .length)
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
        try expectGolden("completion_stream.txt", normalised(answer))
    }

    @Test func usageCanBeOnEveryChunk() async throws {
        let fixture = try Fixture(saying: "abc")
        let options = #"{"include_usage":true,"continuous_usage_stats":true}"#
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"{\#(Self.chat),"stream_options":\#(options)}"#
        )
        let counts = answer.chunks.map { $0["usage"]["completion_tokens"].integerValue }
        #expect(counts == [0, 1, 2, 3, 4, 4])
    }

    @Test func everyChoiceBeginsWithItsRole() async throws {
        let fixture = try Fixture(saying: "x")
        let answer = try await fixture.post("/v1/chat/completions", #"{\#(Self.chat),"n":2}"#)
        let choices = answer.chunks.map { $0["choices"][0] }
        for index in 0..<2 {
            let own = choices.filter { $0["index"].integerValue == index }
            #expect(own.first?["delta"]["role"] == "assistant")
            #expect(own.last?["finish_reason"] == "stop")
            #expect(own.compactMap { $0["delta"]["content"].stringValue }.joined() == "x")
        }
    }

    @Test func aCharacterIsSentWhole() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in
            [
                .prompt, .token(TinyTokenizer.volcanoStart), .token(TinyTokenizer.volcanoEnd),
                .token(TinyTokenizer.volcanoStart), .finished(.length),
            ]
        }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
        #expect(answer.chunks.map { $0["choices"][0]["text"] } == ["🌋", "\u{FFFD}"])
    }

    @Test func theStreamSaysWhatTheWholeAnswerSays() async throws {
        let fixture = try Fixture { request throws(AdmissionError) in
            let position = PositionLogprobs(
                chosen: TokenLogprob(token: 65, logprob: -1, rank: 1),
                top: []
            )
            let token = GeneratedToken(id: 65, logprobs: position)
            return [
                .emit(.prompt(cachedTokenCount: 1, logprobs: [position, position])),
                .emit(.token(choice: 0, token)), .emit(.token(choice: 0, token)),
                .finished(.length),
            ]
        }
        let body = #""prompt":"abc","logprobs":0,"echo":true,"return_token_ids":true"#
        let whole = try await fixture.post("/v1/completions", "{\(body)}").json["choices"][0]
        let parts = try await fixture.post("/v1/completions", #"{\#(body),"stream":true}"#).chunks
            .map { $0["choices"][0] }
        func joined(_ path: (JinjaValue) -> JinjaValue) -> JinjaValue {
            JinjaValue(parts.flatMap { path($0).listValue ?? [] })
        }
        #expect(parts.compactMap { $0["text"].stringValue }.joined() == whole["text"].stringValue)
        #expect(whole["text"] == "abcAA")
        for key in ["tokens", "token_logprobs", "top_logprobs", "text_offset"] {
            #expect(joined { $0["logprobs"][key] } == whole["logprobs"][key])
        }
        #expect(joined { $0["token_ids"] } == [65, 65])
        #expect(joined { $0["prompt_token_ids"] } == [97, 98, 99])
    }

    @Test func anErrorAfterTheBeginningIsTheLastEvent() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in
            [.prompt, .token(65), .emit(.failed(.deviceLost("fault at 0xdead")))]
        }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
        #expect(answer.status == 200)
        #expect(answer.events.last == "[DONE]")
        let error = try #require(answer.chunks.last)["error"]
        #expect(error["code"] == 503)
        #expect(error["message"].stringValue?.contains("lost") == true)
        // Details of the machine are for the log.
        #expect(!answer.text.contains("0xdead"))
    }

    @Test func anIdleStreamGetsComments() async throws {
        var fixture = try Fixture { _ throws(AdmissionError) in
            [.prompt, .pause(.milliseconds(500)), .token(65), .finished(.length)]
        }
        fixture.configuration.keepAliveInterval = .milliseconds(50)
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
        #expect(answer.text.hasPrefix(": keep-alive\n\n"))
        #expect(answer.chunks.first?["choices"][0]["text"] == "A")
    }
}
