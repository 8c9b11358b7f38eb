import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

@Suite struct StopTests {
    private func choice(
        _ fields: String,
        saying text: String,
        ending: FinishReason = .length
    ) async throws -> (choice: JinjaValue, fixture: Fixture, usage: JinjaValue) {
        let fixture = try Fixture(saying: text, ending: ending)
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a",\#(fields)}"#)
        #expect(answer.status == 200, "\(answer.text)")
        return (answer.json["choices"][0], fixture, answer.json["usage"])
    }

    @Test func aStopStringEndsTheTextAcrossTokens() async throws {
        let (choice, _, usage) = try await choice(#""stop":"END""#, saying: "abcENDxyz")
        #expect(choice["text"] == "abc")
        #expect(choice["finish_reason"] == "stop")
        #expect(choice["stop_reason"] == "END")
        #expect(usage["completion_tokens"] == 6)
    }

    @Test func whatOnlyBeginsLikeAStopStringIsSent() async throws {
        let (choice, _, _) = try await choice(#""stop":["END","zz"]"#, saying: "EN ENz")
        #expect(choice["text"] == "EN ENz")
        #expect(choice["finish_reason"] == "length")
        #expect(choice["stop_reason"].isNone)
    }

    @Test func aStopStringCanBeKept() async throws {
        let fields = #""stop":["END"],"include_stop_str_in_output":true"#
        let (choice, _, _) = try await choice(fields, saying: "abcENDxyz")
        #expect(choice["text"] == "abcEND")
    }

    @Test func noStopStringEndsBeforeMinTokens() async throws {
        let (choice, _, _) = try await choice(#""stop":"b","min_tokens":4"#, saying: "abababab")
        #expect(choice["text"] == "ababa")
    }

    @Test func aStoppedChoiceAbortsItsRequest() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in
            [.prompt, .token(65), .token(66), .hang]
        }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a","stop":"B"}"#)
        #expect(answer.json["choices"][0]["text"] == "A")
        #expect(await fixture.engine.waitForAbort())
        #expect(fixture.engine.openCount == 0)
    }

    @Test func oneStoppedPromptOfSeveralIsAborted() async throws {
        let fixture = try Fixture { request throws(AdmissionError) in
            request.promptTokens == [97]
                ? [.prompt, .token(66), .hang]
                : [.prompt, .pause(.milliseconds(100)), .token(67), .finished(.length)]
        }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":["a","b"],"stop":"B"}"#)
        #expect(answer.json["choices"].listValue?.map { $0["text"] } == ["", "C"])
        #expect(fixture.engine.abortCount == 1)
    }

    @Test func aStopTokenIsNotText() async throws {
        let (choice, fixture, usage) = try await choice(
            #""stop_token_ids":[33]"#,
            saying: "Hi",
            ending: .stop(33)
        )
        #expect(choice["text"] == "Hi")
        #expect(choice["stop_reason"] == 33)
        #expect(usage["completion_tokens"] == 3)
        #expect(fixture.engine.requests[0].stopping.stopTokens == [33, 256, 258])
    }

    @Test func aStopTokenThatDoesNotEndTheChoiceIsText() async throws {
        // As before `min_tokens`: the engine goes on.
        let (choice, _, _) = try await choice(
            #""stop_token_ids":[33]"#,
            saying: "a!b!",
            ending: .length
        )
        #expect(choice["text"] == "a!b!")
    }

    @Test func aStopTokenCanBeKept() async throws {
        let fields = #""stop_token_ids":[33],"include_stop_str_in_output":true"#
        let (choice, _, _) = try await choice(fields, saying: "Hi", ending: .stop(33))
        #expect(choice["text"] == "Hi!")
    }

    @Test func theModelsEndNeedsNoReason() async throws {
        let (choice, _, _) = try await choice(
            #""skip_special_tokens":false"#,
            saying: "Hi",
            ending: .stop(TinyTokenizer.turnEnd)
        )
        #expect(choice["text"] == "Hi")
        #expect(choice["stop_reason"].isNone)
    }

    @Test func theModelsEndCanBeIgnored() async throws {
        let (choice, fixture, _) = try await choice(#""ignore_eos":true"#, saying: "Hi")
        #expect(fixture.engine.requests[0].stopping.stopTokens.isEmpty)
        #expect(choice["finish_reason"] == "length")
    }

    /// Whatever the tokens, streamed text is what finding the first stop string in the whole gives.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func streamedTextEndsWhereTheWholeTextWould(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let text = String((0..<40).map { _ in "abc".randomElement(using: &random) ?? "a" })
        let stops = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            String(
                (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    "abc".randomElement(using: &random) ?? "a"
                }
            )
        }
        let first = stops.compactMap { stop in
            text.firstRange(of: stop).map { (end: $0.upperBound, start: $0.lowerBound) }
        }.min { ($0.end, $0.start) < ($1.end, $1.start) }
        let expected = first.map { String(text[..<$0.start]) } ?? text

        let fixture = try Fixture(saying: text, ending: .length)
        let list = stops.map { "\"\($0)\"" }.joined(separator: ",")
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"prompt":"a","max_tokens":64,"stop":[\#(list)],"stream":true}"#
        )
        let streamed = answer.chunks.compactMap { $0["choices"][0]["text"].stringValue }.joined()
        #expect(streamed == expected, "seed \(seed): \(text), stops \(stops)")
    }

    @Test func theEngineIsToldThatAChoiceHasItsStopString() async throws {
        let fixture = try Fixture(saying: "one, two, three")
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"model": "tiny", "prompt": "x", "n": 2, "stop": ","}"#
        )
        #expect(answer.status == 200)
        #expect(fixture.engine.endedChoices == [0, 1])
    }

    @Test func aChoiceTheEngineEndsItselfIsNotEndedAgain() async throws {
        let fixture = try Fixture(saying: "one")
        _ = try await fixture.post(
            "/v1/completions",
            #"{"model": "tiny", "prompt": "x", "n": 2, "stop": ","}"#
        )
        #expect(fixture.engine.endedChoices.isEmpty)
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}
