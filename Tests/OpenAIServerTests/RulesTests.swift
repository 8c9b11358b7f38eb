import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

/// The fields that change logits, and those that shape the prompt, on their way to the engine.
@Suite struct RulesTests {
    private func rules(_ fields: String) async throws -> LogitRules {
        let fixture = try Fixture(saying: "x")
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a",\#(fields)}"#)
        #expect(answer.status == 200, "\(answer.text)")
        return try #require(fixture.engine.requests.first).rules
    }

    @Test func withoutThemNothingChanges() async throws {
        let neutral =
            #""presence_penalty":0,"frequency_penalty":0.0,"repetition_penalty":1,"logit_bias":{},"#
            + #""bad_words":[],"allowed_token_ids":null"#
        #expect(try await rules(neutral).isEmpty)
    }

    @Test func penaltiesReachTheEngine() async throws {
        let rules = try await rules(
            #""presence_penalty":-2,"frequency_penalty":0.5,"repetition_penalty":1.25"#
        )
        #expect(
            rules
                == LogitRules(
                    repetitionPenalty: 1.25,
                    presencePenalty: -2,
                    frequencyPenalty: 0.5
                )
        )
        var fixture = try Fixture(saying: "x")
        fixture.configuration.samplingDefaults.repetitionPenalty = 1.1
        _ = try await fixture.post("/v1/completions", #"{"prompt":"a"}"#)
        #expect(fixture.engine.requests[0].rules.repetitionPenalty == 1.1)
    }

    @Test func biasesAreByTokenIDAndCutAtAHundred() async throws {
        let rules = try await rules(#""logit_bias":{"5":-1.5,"262":1000,"7":-101}"#)
        #expect(rules.bias == [5: -1.5, 262: 100, 7: -100])
    }

    @Test func allowedTokensAreASet() async throws {
        #expect(try await rules(#""allowed_token_ids":[9,3,9]"#).allowedTokens == [3, 9])
    }

    @Test func badWordsAreBannedInBothSpellings() async throws {
        // The tokenizer has bytes, `hello` and ` world`; without merges texts are bytes.
        let rules = try await rules(#""bad_words":["ab"," c"]"#)
        let space: TokenID = 32
        // With a space before it a word is longer by a token here, and that spelling contains the
        // other: one run bans both.
        #expect(rules.bannedRuns == [[97, 98], [99]])
        #expect(!rules.bannedRuns.joined().contains(space))
    }

    @Test func aBadWordCanBeASpecialToken() async throws {
        let rules = try await rules(#""bad_words":["<|im_end|>"]"#)
        #expect(rules.bannedRuns == [[TinyTokenizer.turnEnd]])
    }

    @Test func rulesThatLeaveNothingAreTheClientsMistake() async throws {
        let fixture = try Fixture { request throws(AdmissionError) in
            [.prompt, .emit(.failed(.noTokenLeft))]
        }
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"a","allowed_token_ids":[258],"min_tokens":2}"#
        )
        #expect(answer.status == 400)
        #expect(answer.json["error"]["message"].stringValue?.contains("leave no token") == true)
    }

    private func prompt(_ fields: String) async throws -> [TokenID] {
        let fixture = try Fixture(saying: "x")
        let answer = try await fixture.post("/v1/completions", "{\(fields)}")
        #expect(answer.status == 200, "\(answer.text)")
        return fixture.engine.requests.first?.promptTokens ?? []
    }

    @Test func aPromptThatIsTooLongCanBeCut() async throws {
        #expect(try await prompt(#""prompt":"abcd","truncate_prompt_tokens":3"#) == [98, 99, 100])
        #expect(
            try await prompt(
                #""prompt":"abcd","truncate_prompt_tokens":3,"truncation_side":"right""#
            ) == [97, 98, 99]
        )
        #expect(try await prompt(#""prompt":[5,6,7],"truncate_prompt_tokens":9"#) == [5, 6, 7])
        // -1 leaves room for what is to be generated, however long the text.
        let long = String(repeating: "ab", count: 4000)
        let cut = try await prompt(
            #""prompt":"\#(long)","truncate_prompt_tokens":-1,"max_tokens":28"#
        )
        #expect(cut.count == 100)
    }

    @Test func theEchoOfACutPromptIsWhatWasKept() async throws {
        let fixture = try Fixture(saying: "!")
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"abcd","truncate_prompt_tokens":2,"echo":true}"#
        )
        #expect(answer.json["choices"][0]["text"] == "cd!")
        #expect(answer.json["usage"]["prompt_tokens"] == 2)
    }

    @Test func aTrustedRequestMayBringItsTemplate() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.trustsRequestChatTemplates = true
        let messages = #""messages":[{"role":"user","content":"hey"}]"#
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"{\#(messages),"chat_template":"{{ messages[0].content }}{{ eos_token }}"}"#
        )
        #expect(answer.status == 200, "\(answer.text)")
        #expect(
            fixture.engine.requests[0].promptTokens
                == Array("hey".utf8).map { TokenID($0) } + [TinyTokenizer.turnEnd]
        )
        let broken = try await fixture.post(
            "/v1/chat/completions",
            #"{\#(messages),"chat_template":"{% if %}"}"#
        )
        #expect(broken.status == 400)
        #expect(broken.json["error"]["param"] == "chat_template")
    }
}
