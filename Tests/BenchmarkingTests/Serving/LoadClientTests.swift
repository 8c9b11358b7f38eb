import Benchmarking
import Testing

@Suite struct LoadClientTests {
    private typealias Step = ScriptedServer.Step

    /// The outcome of one request of 5 prompt tokens and at most 3 output tokens.
    private func outcome(
        endpoint: LoadClient.Endpoint = .completions,
        timeout: Duration = .seconds(30),
        _ script: @escaping ScriptedServer.Script
    ) async throws -> RequestOutcome {
        try await ScriptedServer.run(script) { port in
            let client = LoadClient(
                address: try ServerAddress("http://127.0.0.1:\(port)"),
                endpoint: endpoint,
                model: "m",
                timeout: timeout
            )
            return await client.send(
                .text("a b c d e"),
                promptLength: 5,
                maxTokens: 3,
                start: .now
            )
        }
    }

    @Test func timesAndTokensOfAStreamAreMeasured() async throws {
        let outcome = try await outcome { _ in
            [
                .streamHead, .pause(.milliseconds(60)), .text("a"), .pause(.milliseconds(40)),
                .text("b"), .usage(prompt: 6, completion: 3), .done,
            ]
        }
        #expect(outcome.failure == nil)
        #expect(outcome.hasUsage)
        #expect(outcome.promptTokenCount == 6)
        #expect(outcome.outputTokenCount == 3)
        let first = try #require(outcome.timeToFirstToken)
        #expect(first >= 0.06)
        let gap = try #require(outcome.interTokenLatencies.first)
        #expect(gap >= 0.03)
        #expect(outcome.timePerOutputToken == gap / 2)
        #expect(outcome.endToEndLatency >= first + gap)
    }

    @Test func withoutUsageEventsAreCounted() async throws {
        let outcome = try await outcome { _ in [.streamHead, .text("a"), .text("b"), .done] }
        #expect(outcome.failure == nil)
        #expect(!outcome.hasUsage)
        #expect(outcome.promptTokenCount == 5)
        #expect(outcome.outputTokenCount == 2)
    }

    @Test func theRoleOfAChatIsNoText() async throws {
        let outcome = try await outcome(endpoint: .chat) { request in
            guard request.line == "POST /v1/chat/completions HTTP/1.1",
                request.body.contains(#""messages":[{"#), !request.body.contains("prompt")
            else { return [.answer("400 Bad Request", request.line)] }
            return [
                .streamHead,
                .event(#"{"choices":[{"delta":{"role":"assistant","content":""}}]}"#),
                .event(#"{"choices":[{"delta":{"reasoning_content":"hm"}}]}"#),
                .event(#"{"choices":[{"delta":{"content":"x"}}]}"#),
                .event(#"{"choices":[{"delta":{},"finish_reason":"stop"}]}"#), .done,
            ]
        }
        #expect(outcome.failure == nil)
        #expect(outcome.textTimes.count == 2)
    }

    /// Each kind of misbehaviour has its own name, and none of them ends the load.
    private static let misbehaviours: [(RequestFailure, [ScriptedServer.Step])] = [
        (.cutShort, []), (.cutShort, [.streamHead]), (.cutShort, [.streamHead, .text("a")]),
        (.cutShort, [.streamHead, .text("a"), .bytes("data: [DO")]),
        (
            .cutShort,
            [.bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ndata: {\"choices\":[]}\n\n")]
        ),
        (
            .status(429),
            [.answer("429 Too Many Requests", "{}", headers: "Retry-After: 3\r\n")]
        ),
        (.status(503), [.answer("503 Service Unavailable", "later")]),
        (.malformed, [.bytes("not HTTP at all\r\n\r\n")]),
        (.malformed, [.streamHead, .event("{not json")]),
        (.malformed, [.streamHead, .bytes("<html>\n</html>\n")]),
        (.malformed, [.streamHead, .event(#"{"choices":3}"#)]),
        (
            .serverError,
            [.streamHead, .text("a"), .event(#"{"error":{"message":"lost"}}"#), .done]
        ), (.noText, [.streamHead, .usage(prompt: 5, completion: 0), .done]),
    ]

    @Test(arguments: misbehaviours.indices)
    func misbehaviourIsAnOutcome(_ index: Int) async throws {
        let (expected, script) = Self.misbehaviours[index]
        let outcome = try await outcome { _ in script }
        #expect(outcome.failure == expected)
    }

    @Test func aServerThatFallsSilentTimesOut() async throws {
        let outcome = try await outcome(timeout: .milliseconds(200)) { _ in
            [.streamHead, .text("a"), .pause(.seconds(60))]
        }
        #expect(outcome.failure == .timedOut)
        #expect(outcome.endToEndLatency < 30)
    }

    @Test func aClosedPortIsAFailedConnection() async throws {
        let port = try await ScriptedServer.run({ _ in [] }) { $0 }
        let client = LoadClient(
            address: try ServerAddress("http://127.0.0.1:\(port)"),
            model: "m",
            timeout: .seconds(10)
        )
        let outcome = await client.send(.text("a"), promptLength: 1, maxTokens: 1, start: .now)
        #expect(outcome.failure == .connectionFailed)
    }

    @Test func theFirstModelOfTheListIsFound() async throws {
        let name = try await ScriptedServer.run({ request in
            request.line == "GET /v1/models HTTP/1.1"
                ? [.answer("200 OK", #"{"data":[{"id":"tiny"},{"id":"other"}]}"#)]
                : [.answer("404 Not Found", "")]
        }) { port in
            try await LoadClient.firstModel(
                at: ServerAddress("http://127.0.0.1:\(port)"),
                apiKey: nil
            )
        }
        #expect(name == "tiny")
    }

    @Test(arguments: [#"{"data":[]}"#, "[]", "no"])
    func aListWithoutAModelIsAnError(body: String) async throws {
        try await ScriptedServer.run({ _ in [.answer("200 OK", body)] }) { port in
            await #expect(throws: LoadError.self) {
                _ = try await LoadClient.firstModel(
                    at: ServerAddress("http://127.0.0.1:\(port)"),
                    apiKey: nil
                )
            }
            return
        }
    }
}
