import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

@Suite struct CompletionsTests {
    @Test func aPromptIsEncodedAndItsContinuationIsText() async throws {
        let fixture = try Fixture(saying: " there")
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"model":"tiny","prompt":"Hi","max_tokens":20,"seed":7}"#
        )
        #expect(answer.status == 200)
        #expect(answer.headers[.contentType] == "application/json")
        let json = answer.json
        #expect(json["object"] == "text_completion")
        #expect(json["id"].stringValue?.hasPrefix("cmpl-") == true)
        #expect(json["model"] == "tiny")
        #expect(json["system_fingerprint"] == "pumice-1.2.3")
        let choice = json["choices"][0]
        #expect(choice["text"] == " there")
        #expect(choice["finish_reason"] == "stop")
        #expect(choice["stop_reason"].isNone)
        #expect(choice["logprobs"].isNone)
        #expect(json["usage"]["prompt_tokens"] == 2)
        // The end-of-turn token counts: the model had to compute it.
        #expect(json["usage"]["completion_tokens"] == 7)
        #expect(json["usage"]["total_tokens"] == 9)
        #expect(json["usage"]["prompt_tokens_details"]["cached_tokens"] == 0)

        let request = try #require(fixture.engine.requests.first)
        #expect(request.promptTokens == [72, 105])
        #expect(request.stopping.maxTokens == 20)
        #expect(request.stopping.stopTokens.contains(TinyTokenizer.turnEnd))
        #expect(request.sampling == SamplingParameters(seed: 7))
        #expect(request.logprobCount == nil)
    }

    @Test func defaultsAreThoseOfVLLM() async throws {
        let fixture = try Fixture(saying: "")
        for _ in 0..<2 { _ = try await fixture.post("/v1/completions", #"{"prompt":"a"}"#) }
        for _ in 0..<2 {
            _ = try await fixture.post("/v1/completions", #"{"prompt":"a","seed":-1}"#)
        }
        let requests = fixture.engine.requests
        #expect(requests[0].stopping.maxTokens == 16)
        #expect(requests[0].choiceCount == 1)
        #expect(requests[0].sampling.temperature == 1)
        // No seed given: two requests draw differently.
        #expect(Set(requests.map(\.sampling.seed)).count == 4)
    }

    @Test func theServersOwnDefaultsComeBeforeThose() async throws {
        var fixture = try Fixture(saying: "")
        fixture.configuration.samplingDefaults.temperature = 0
        fixture.configuration.samplingDefaults.topK = 40
        fixture.configuration.samplingDefaults.maxTokens = 5
        _ = try await fixture.post("/v1/completions", #"{"prompt":"a"}"#)
        _ = try await fixture.post("/v1/completions", #"{"prompt":"a","top_k":-1,"max_tokens":6}"#)
        let requests = fixture.engine.requests
        #expect(requests[0].sampling.isGreedy)
        #expect(requests[0].sampling.topK == 40)
        #expect(requests[0].stopping.maxTokens == 5)
        #expect(requests[1].sampling.topK == 0)
        #expect(requests[1].stopping.maxTokens == 6)
    }

    @Test func everyParameterReachesTheEngine() async throws {
        let fixture = try Fixture(saying: "x")
        let answer = try await fixture.post(
            "/v1/completions",
            #"""
            {"prompt":[1,2,3],"temperature":0.5,"top_p":0.9,"top_k":7,"min_p":0.1,"seed":-2,"n":3,
             "min_tokens":2,"max_tokens":9,"stop_token_ids":[65],"ignore_eos":true,"logprobs":4,
             "priority":-3,"cache_salt":"tenant","user":"u","frequency_penalty":0,
             "logit_bias":{},"an_unknown_field":{"x":1}}
            """#
        )
        #expect(answer.status == 200)
        let request = try #require(fixture.engine.requests.first)
        #expect(request.promptTokens == [1, 2, 3])
        #expect(
            request.sampling
                == SamplingParameters(
                    temperature: 0.5,
                    topK: 7,
                    topP: 0.9,
                    minP: 0.1,
                    seed: .max - 1
                )
        )
        #expect(request.choiceCount == 3)
        #expect(
            request.stopping == StopConditions(maxTokens: 9, minTokens: 2, stopTokens: [65])
        )
        #expect(request.logprobCount == 4)
        #expect(request.promptLogprobCount == nil)
        #expect(request.priority == -3)
        #expect(request.cacheSalt == "tenant")
    }

    @Test(
        arguments: [
            (#""ab""#, [[97, 98]]),
            (#"["ab","c"]"#, [[97, 98], [99]]),
            ("[97,98]", [[97, 98]]),
            ("[[97],[98,99]]", [[97], [98, 99]]),
            (#"["<|im_start|>a"]"#, [[257, 97]]),
        ] as [(String, [[TokenID]])]
    )
    func promptsComeInFourForms(_ prompt: String, _ tokens: [[TokenID]]) async throws {
        let fixture = try Fixture(saying: "x")
        let answer = try await fixture.post("/v1/completions", #"{"prompt":\#(prompt)}"#)
        #expect(fixture.engine.requests.map(\.promptTokens) == tokens)
        #expect(answer.json["choices"].listValue?.count == tokens.count)
        #expect(
            answer.json["usage"]["prompt_tokens"]
                == JinjaValue.integer(tokens.reduce(0) { $0 + $1.count })
        )
    }

    @Test func choicesOfSeveralPromptsAreNumberedThrough() async throws {
        let fixture = try Fixture { request throws(AdmissionError) in
            var steps: [ScriptedEngine.Step] = [.prompt]
            // Backwards, as choices may end in any order.
            for choice in (0..<request.choiceCount).reversed() {
                let text = "\(request.promptTokens[0]).\(choice)"
                steps += text.utf8.map { .token(TokenID($0), choice: choice) }
                steps.append(.finished(.length, choice: choice))
            }
            return steps
        }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":["a","b"],"n":2}"#)
        let choices = try #require(answer.json["choices"].listValue)
        #expect(choices.map { $0["text"].stringValue } == ["97.0", "97.1", "98.0", "98.1"])
        #expect(choices.map { $0["index"].integerValue } == [0, 1, 2, 3])
        #expect(choices.allSatisfy { $0["finish_reason"] == "length" })
        #expect(answer.json["usage"]["completion_tokens"] == 16)
    }

    @Test func promptAndOutputShareTheContext() async throws {
        let fixture = try Fixture(saying: "x")
        let prompt = String(repeating: "a", count: 100)
        _ = try await fixture.post("/v1/completions", #"{"prompt":"\#(prompt)","max_tokens":128}"#)
        #expect(fixture.engine.requests[0].stopping.maxTokens == 28)
    }

    @Test func tokenIDsComeBackWhenAskedFor() async throws {
        let fixture = try Fixture(saying: "ok")
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":[5,6],"return_token_ids":true}"#
        )
        let choice = answer.json["choices"][0]
        #expect(choice["prompt_token_ids"] == [5, 6])
        #expect(choice["token_ids"] == [111, 107, 258])
    }

    @Test func echoPutsThePromptBeforeTheText() async throws {
        let fixture = try Fixture(saying: "!")
        let text = try await fixture.post("/v1/completions", #"{"prompt":"Hé","echo":true}"#)
        #expect(text.json["choices"][0]["text"] == "Hé!")
        let tokens = try await fixture.post(
            "/v1/completions",
            #"{"prompt":[257,72,105],"echo":true}"#
        )
        #expect(tokens.json["choices"][0]["text"] == "Hi!")
    }

    @Test func cachedPromptTokensAreReported() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in
            [.emit(.prompt(cachedTokenCount: 3, logprobs: [])), .token(65), .finished(.length)]
        }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":["aaaa","aaaa"]}"#)
        #expect(answer.json["usage"]["prompt_tokens_details"]["cached_tokens"] == 6)
    }
}
