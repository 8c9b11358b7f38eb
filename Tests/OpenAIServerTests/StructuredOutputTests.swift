import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

/// Outputs of a given form, over an engine that says what a script has.
@Suite struct StructuredOutputTests {
    private static let schema =
        #"{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}"#

    @Test(arguments: [
        (#""response_format":{"type":"json_object"}"#, #"{"b": 1}"#),
        (
            #""response_format":{"type":"json_schema","json_schema":{"name":"x","schema":"#
                + schema + "}}", #"{"a":12}"#
        ),
        (#""structured_outputs":{"json":"# + schema + "}", #"{"a": 3}"#),
        (#""structured_outputs":{"json":"true"}"#, "[1]"),
        (#""structured_outputs":{"regex":"[a-c]+"}"#, "abc"),
        (#""structured_outputs":{"choice":["yes","no"]}"#, "no"),
        (#""structured_outputs":{"grammar":"root ::= \"x\" root | \"y\""}"#, "xxy"),
        (#""structured_outputs":{"json_object":true,"disable_any_whitespace":true}"#, "{}"),
    ])
    func theEngineLearnsBeforeEachTokenWhatMayCome(_ field: String, _ text: String) async throws {
        let fixture = try Fixture(saying: text)
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":"a"}],\#(field)}"#
        )
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["choices"][0]["message"]["content"] == .string(text))
        let first = try #require(fixture.engine.requests.first?.firstMask)
        let tokens = text.utf8.map { UInt32($0) } + [TinyTokenizer.turnEnd]
        #expect(has(first, tokens[0]) && !has(first, TinyTokenizer.turnEnd))
        var place = 1
        for allowed in fixture.engine.allowed {
            #expect(allowed.forced == Array(tokens[place..<place + allowed.forced.count]))
            place += allowed.forced.count
            #expect(allowed.outputIndex == place)
            guard place < tokens.count else { continue }
            #expect(has(allowed.words, tokens[place]))
            let mayEnd = has(allowed.words, TinyTokenizer.turnEnd)
            #expect(!mayEnd || tokens[place] != UInt32(UInt8(ascii: "}")))
            place += 1
        }
        #expect(place == tokens.count)
    }

    @Test func completionsAndSeveralChoicesAreConstrainedToo() async throws {
        let fixture = try Fixture(saying: "no")
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":["a","b"],"n":2,"structured_outputs":{"choice":["yes","no"]}}"#
        )
        #expect(answer.status == 200, "\(answer.text)")
        #expect((0..<4).allSatisfy { answer.json["choices"][$0]["text"] == "no" })
        #expect(fixture.engine.requests.allSatisfy { $0.firstMask != nil })
        #expect(fixture.engine.allowed.count == 12)
    }

    @Test func aTokenThatWasNotAllowedIsTheEnginesFault() async throws {
        let answer = try await Fixture(saying: "maybe").post(
            "/v1/completions",
            #"{"prompt":"a","structured_outputs":{"choice":["yes","no"]}}"#
        )
        #expect(answer.status == 500)
    }

    @Test(arguments: [
        (#""response_format":{"type":"json_schema"}"#, "body.response_format.json_schema"),
        (
            #""response_format":{"type":"json_schema","json_schema":{"schema":{"not":{}}}}"#,
            "response_format"
        ),
        (#""structured_outputs":{"regex":"(?=a)"}"#, "response_format"),
        (#""structured_outputs":{"regex":"a","choice":["b"]}"#, "structured_outputs"),
        (
            #""structured_outputs":{"regex":"a"},"response_format":{"type":"json_object"}"#,
            "response_format"
        ),
        (#""structured_outputs":{"json":"{"}"#, "structured_outputs"),
        (#""structured_outputs":{"json":{},"whitespace_pattern":" "}"#, "structured_outputs"),
        (#""structured_outputs":{"choice":[1]}"#, "body.structured_outputs.choice"),
    ])
    func whatCannotBeEnforcedIsRefused(_ field: String, _ param: String) async throws {
        let fixture = try Fixture(saying: "never")
        let answer = try await fixture.post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":"a"}],\#(field)}"#
        )
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == .string(param), "\(answer.text)")
        #expect(fixture.engine.requests.isEmpty)
    }

    private func has(_ mask: [UInt32], _ token: UInt32) -> Bool {
        mask[Int(token / 32)] >> (token % 32) & 1 == 1
    }
}
