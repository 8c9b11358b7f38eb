import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

/// Where a grammar leaves one way, the engine is given the tokens instead of drawing them.
@Suite struct ForcedOutputTests {
    private let choice = #""structured_outputs":{"choice":["yes","never or nearly so"]}"#

    /// The tiny tokenizer's: a byte each.
    private func tokens(_ text: String) -> [TokenID] { text.utf8.map { TokenID($0) } }

    private func run(_ text: String, _ fields: String) async throws -> (Fixture, Answer) {
        let fixture = try Fixture(saying: text)
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"a","max_tokens":40,\#(fields)}"#
        )
        return (fixture, answer)
    }

    @Test func theLastTokenIsLeftToBeDrawn() async throws {
        let (fixture, answer) = try await run("never or nearly so", choice)
        #expect(answer.json["choices"][0]["text"] == "never or nearly so")
        #expect(answer.json["usage"]["completion_tokens"] == 19)
        let allowed = fixture.engine.allowed
        #expect(allowed.map(\.forced) == [tokens("ever or nearly s"), [], []])
        #expect(allowed.map(\.outputIndex) == [17, 18, 19])
        #expect(allowed[0].words[Int(UInt8(ascii: "o") / 32)] == 1 << (UInt8(ascii: "o") % 32))
    }

    @Test func shortTextsAreDrawn() async throws {
        let (fixture, _) = try await run("yes", choice)
        #expect(fixture.engine.allowed.allSatisfy { $0.forced.isEmpty })
    }

    @Test(arguments: [
        #""logprobs":1"#, #""logit_bias":{"101":1}"#, #""frequency_penalty":1"#,
        #""allowed_token_ids":[101]"#,
    ])
    func requestsThatWantThemDrawnGetThemDrawn(_ field: String) async throws {
        let (fixture, _) = try await run("never or nearly so", choice + "," + field)
        #expect(fixture.engine.requests.count == 1)
        #expect(fixture.engine.allowed.allSatisfy { $0.forced.isEmpty })
    }

    @Test func anEngineThatDoesOtherwiseIsAtFault() async throws {
        let (_, answer) = try await run("never mind all this", choice)
        #expect(answer.status == 500)
    }

    /// Of a character of several bytes the grammar may leave only some.
    @Test func aForcedTextEndsBetweenCharacters() async throws {
        let (fixture, answer) = try await run(
            "xabcdéa",
            #""structured_outputs":{"regex":"x(abcdéa|abcdèb)"}"#
        )
        #expect(answer.json["choices"][0]["text"] == "xabcdéa")
        #expect(fixture.engine.allowed.first?.forced == tokens("abc"))
    }
}
