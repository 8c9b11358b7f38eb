import HTTPTypes
import Inference
import OpenAIServer
import Testing
import Tokenization

@Suite struct AdmissionTests {
    @Test(
        arguments: [
            (
                AdmissionError.queueFull(waiting: 4, limit: 4, retryAfter: 7), 429, "7",
                "The engine is currently busy and cannot accept new requests."
            ),
            (
                .tokenBacklog(tokens: 9, limit: 8, retryAfter: 3), 429, "3",
                "The engine has reached its prefill token backlog limit."
            ),
            (.unavailable(.failed("x")), 503, "30", "The engine has failed."),
            (.unavailable(.draining), 503, "1", "The server is shutting down."),
            (
                .tooLargeForPool(blocksNeeded: 9, blockCount: 8), 400, nil,
                "The request needs 9 KV blocks"
            ),
        ] as [(AdmissionError, Int, String?, String)]
    )
    func aRefusalSaysWhenToTryAgain(
        _ error: AdmissionError,
        _ status: Int,
        _ retryAfter: String?,
        _ message: String
    ) async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in throw error }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
        #expect(answer.status == status)
        #expect(answer.headers[.retryAfter] == retryAfter)
        #expect(answer.json["error"]["message"].stringValue?.hasPrefix(message) == true)
        #expect(answer.json["error"]["code"].integerValue == status)
    }

    @Test func promptsAlreadyTakenAreAbortedWhenOneIsNot() async throws {
        let fixture = try Fixture { request throws(AdmissionError) in
            guard request.promptTokens == [97] else {
                throw .queueFull(waiting: 1, limit: 1, retryAfter: 1)
            }
            return [.hang]
        }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":["a","b"]}"#)
        #expect(answer.status == 429)
        #expect(await fixture.engine.waitForAbort())
    }

    @Test func whileLoadingNothingIsServed() async throws {
        let fixture = try Fixture(saying: "x")
        fixture.engine.state = .loading(progress: 0.25)
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a"}"#)
        #expect(answer.status == 503)
        #expect(answer.headers[.retryAfter] != nil)
        #expect(answer.json["error"]["message"].stringValue?.contains("25 %") == true)
    }

    @Test(arguments: [
        (EngineError.deviceLost("detail"), 503), (.deadlineExceeded, 504), (.shutDown, 503),
        (.invalidLogits, 500), (.failed("secret path"), 500),
    ])
    func anEngineErrorBeforeTheAnswerIsItsStatus(_ error: EngineError, _ status: Int) async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in [.prompt, .emit(.failed(error))] }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a"}"#)
        #expect(answer.status == status)
        #expect(!answer.text.contains("secret"))
    }

    @Test func theDeadlineIsTheServers() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.requestDeadline = .seconds(9)
        _ = try await fixture.post("/v1/completions", #"{"prompt":"a"}"#)
        #expect(fixture.engine.requests[0].deadline == .seconds(9))
    }
}
