import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

@Suite struct LogprobsTests {
    private static func position(_ token: TokenID, _ logprob: Float) -> PositionLogprobs {
        PositionLogprobs(
            chosen: TokenLogprob(token: token, logprob: logprob, rank: 7),
            top: [
                TokenLogprob(token: TinyTokenizer.hello, logprob: -0.25, rank: 1),
                TokenLogprob(token: TinyTokenizer.volcanoStart, logprob: -1.5, rank: 2),
            ]
        )
    }

    private static func generated(_ token: TokenID, _ logprob: Float) -> ScriptedEngine.Step {
        .emit(
            .token(choice: 0, GeneratedToken(id: token, logprobs: position(token, logprob)))
        )
    }

    private static func makeFixture() throws -> Fixture {
        try Fixture { request throws(AdmissionError) in
            let prompt = request.promptTokens.dropFirst().map { position($0, -2) }
            return [
                .emit(
                    .prompt(
                        cachedTokenCount: 0,
                        logprobs: request.promptLogprobCount == nil ? [] : prompt
                    )
                ),
                generated(TinyTokenizer.hello, -0.25), generated(TinyTokenizer.world, -.infinity),
                .finished(.length),
            ]
        }
    }

    @Test func completionsReportThemInParallelArrays() async throws {
        let answer = try await Self.makeFixture().post(
            "/v1/completions",
            #"{"prompt":"a","logprobs":2}"#
        )
        let logprobs = answer.json["choices"][0]["logprobs"]
        #expect(logprobs["tokens"] == ["hello", " world"])
        // JSON has no infinity.
        #expect(logprobs["token_logprobs"] == [-0.25, -9999])
        #expect(logprobs["text_offset"] == [0, 5])
        let top = logprobs["top_logprobs"]
        #expect(top[0] == ["hello": -0.25, "\u{FFFD}": -1.5])
        // The chosen token is reported even when it is not among the most probable.
        #expect(top[1] == ["hello": -0.25, "\u{FFFD}": -1.5, " world": -9999])
    }

    @Test func anEchoedPromptHasThemToo() async throws {
        let fixture = try Self.makeFixture()
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"é","logprobs":1,"echo":true}"#
        )
        #expect(fixture.engine.requests[0].promptLogprobCount == 1)
        let logprobs = answer.json["choices"][0]["logprobs"]
        #expect(logprobs["tokens"] == ["\u{FFFD}", "\u{FFFD}", "hello", " world"])
        // Nothing predicts the first token.
        #expect(logprobs["token_logprobs"] == [.none, -2, -0.25, -9999])
        #expect(logprobs["top_logprobs"][0].isNone)
        #expect(logprobs["text_offset"] == [0, 1, 2, 7])
    }

    @Test func echoWithoutOutputScoresThePrompt() async throws {
        let fixture = try Self.makeFixture()
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"abc","logprobs":1,"echo":true,"max_tokens":0}"#
        )
        #expect(fixture.engine.requests[0].stopping.maxTokens == 1)
        let choice = answer.json["choices"][0]
        #expect(choice["text"] == "abc")
        #expect(choice["finish_reason"] == "length")
        #expect(choice["logprobs"]["tokens"] == ["a", "b", "c"])
        #expect(answer.json["usage"]["completion_tokens"] == 0)
    }

    @Test func thePromptsAreReportedByTokenID() async throws {
        let fixture = try Self.makeFixture()
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"ab","prompt_logprobs":1}"#
        )
        #expect(fixture.engine.requests[0].promptLogprobCount == 1)
        let choice = answer.json["choices"][0]
        #expect(choice["text"] == "hello world")
        let positions = choice["prompt_logprobs"]
        // Nothing predicts the first token.
        #expect(positions[0].isNone)
        #expect(positions[1]["98"]["logprob"] == -2)
        #expect(positions[1]["98"]["rank"] == 7)
        #expect(positions[1]["98"]["decoded_token"] == "b")
        // The engine knows two of the most probable ones; one was asked for.
        #expect(positions[1]["259"]["rank"] == 1)
        #expect(positions[1]["261"].isUndefined)
        #expect(positions[2].isUndefined)

        let chat = try await fixture.post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":"a"}],"prompt_logprobs":0}"#
        )
        #expect(fixture.engine.requests[1].promptLogprobCount == 0)
        let count = fixture.engine.requests[1].promptTokens.count
        #expect(chat.json["prompt_logprobs"].listValue?.count == count)
        #expect(chat.json["prompt_logprobs"][1].objectValue?.count == 1)
    }

    @Test func anEchoNamesAsManyAsItAsksForWhateverThePromptsReport() async throws {
        let fixture = try Self.makeFixture()
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"ab","logprobs":0,"echo":true,"prompt_logprobs":2}"#
        )
        #expect(fixture.engine.requests[0].promptLogprobCount == 2)
        let choice = answer.json["choices"][0]
        #expect(choice["logprobs"]["top_logprobs"][1] == ["b": -2])
        #expect(choice["prompt_logprobs"][1].objectValue?.count == 3)
    }

    @Test func chatsReportThemWithBytes() async throws {
        let answer = try await Self.makeFixture().post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":"a"}],"logprobs":true,"top_logprobs":2}"#
        )
        let content = answer.json["choices"][0]["logprobs"]["content"]
        #expect(content[0]["token"] == "hello")
        #expect(content[0]["bytes"] == [104, 101, 108, 108, 111])
        #expect(content[0]["logprob"] == -0.25)
        #expect(content[0]["top_logprobs"][1]["token"] == "\u{FFFD}")
        #expect(content[0]["top_logprobs"][1]["bytes"] == [0xF0, 0x9F])
        #expect(content[1]["logprob"] == -9999)
        #expect(content[2].isUndefined)
        #expect(answer.json["choices"][0]["logprobs"]["refusal"].isNone)
    }

    @Test func tokensCanBeSpeltAsIDs() async throws {
        let answer = try await Self.makeFixture().post(
            "/v1/completions",
            #"{"prompt":"a","logprobs":0,"return_tokens_as_token_ids":true}"#
        )
        #expect(
            answer.json["choices"][0]["logprobs"]["tokens"] == ["token_id:259", "token_id:260"]
        )
    }
}
