import Inference
import OpenAIServer
import Testing
import Tokenization

@Suite struct TokenizationTests {
    @Test func aTextIsCounted() async throws {
        let answer = try await Fixture(saying: "never").post("/tokenize", #"{"prompt":"hé"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["tokens"] == [0x68, 0xC3, 0xA9])
        #expect(answer.json["count"] == 3)
        #expect(answer.json["max_model_len"] == 128)
        #expect(answer.json["token_strs"].isNone && answer.text.contains("token_strs"))
    }

    @Test func tokensHaveTheSpellingOfTheirFile() async throws {
        let answer = try await Fixture(saying: "never").post(
            "/tokenize",
            #"{"model":"tiny","prompt":"a b<|im_end|>","return_token_strs":true}"#
        )
        #expect(answer.json["token_strs"] == ["a", "Ġ", "b", "<|im_end|>"])
    }

    @Test func aChatIsCountedAsItIsAnswered() async throws {
        let fixture = try Fixture(saying: "x")
        let chat = #""messages":[{"role":"user","content":"Hi"}]"#
        for more in ["", #","add_generation_prompt":false"#] {
            let counted = try await fixture.post("/tokenize", "{\(chat)\(more)}")
            _ = try await fixture.post("/v1/chat/completions", "{\(chat)\(more)}")
            let prompt = try #require(fixture.engine.requests.last?.promptTokens)
            #expect(counted.json["tokens"] == JinjaValue(prompt.map { .integer(Int($0)) }))
        }
    }

    @Test func aTextLongerThanTheContextIsCountedToo() async throws {
        let text = String(repeating: "x", count: 5000)
        let answer = try await Fixture(saying: "never").post("/tokenize", #"{"prompt":"\#(text)"}"#)
        #expect(answer.json["count"] == 5000)
    }

    @Test func tokensBecomeText() async throws {
        let answer = try await Fixture(saying: "never").post(
            "/detokenize",
            #"{"tokens":[257,259,260,261,262,258]}"#
        )
        #expect(answer.json["prompt"] == "<|im_start|>hello world🌋<|im_end|>")
    }

    @Test(arguments: [
        ("/tokenize", "{}", "body.prompt"),
        ("/tokenize", #"{"prompt":5}"#, "body.prompt"),
        ("/tokenize", #"{"messages":[]}"#, "messages"),
        (
            "/tokenize", #"{"messages":[{"role":"user"}],"chat_template":"x"}"#, "chat_template"
        ),
        ("/detokenize", "{}", "body.tokens"),
        ("/detokenize", #"{"tokens":["a"]}"#, "body.tokens"),
        ("/detokenize", #"{"tokens":[263]}"#, "tokens"),
        ("/detokenize", #"{"tokens":[-1]}"#, "tokens"),
    ])
    func mistakesAreNamed(_ path: String, _ body: String, _ param: String) async throws {
        let answer = try await Fixture(saying: "never").post(path, body)
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == .string(param), "\(answer.text)")
    }

    @Test func anotherModelIsNotFound() async throws {
        for (path, rest) in [("/tokenize", #""prompt":"a""#), ("/detokenize", #""tokens":[]"#)] {
            let answer = try await Fixture(saying: "never").post(path, #"{"model":"x",\#(rest)}"#)
            #expect(answer.status == 404)
        }
    }
}
