import HTTPTypes
import HummingbirdTesting
import Inference
import NIOCore
import Scheduling
import Testing
import Tokenization

@Suite struct DisconnectTests {
    /// Sends a request, closes the socket while the engine is at work, and expects an abort at once.
    private func checkAbort(_ body: String, after text: String?) async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in [.prompt, .token(65), .hang] }
        try await fixture.test(.live) { client in
            let connection = try await RawConnection(port: try #require(client.port))
            try await connection.post("/v1/completions", body)
            if let text {
                _ = await connection.receive(until: text)
            } else {
                while fixture.engine.openCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
            }
            let start = ContinuousClock.now
            try await connection.close()
            #expect(await fixture.engine.waitForAbort())
            #expect(ContinuousClock.now - start < .seconds(1))
            #expect(fixture.engine.openCount == 0)
            // The server goes on.
            let health = try await client.execute(uri: "/load", method: .get) { Answer($0) }
            #expect(health.status == 200)
        }
    }

    @Test func aClientThatLeavesAStreamAbortsItsRequest() async throws {
        try await checkAbort(#"{"prompt":"a","stream":true}"#, after: #""text":"A""#)
    }

    @Test func aClientThatLeavesBeforeTheAnswerAbortsItsRequest() async throws {
        try await checkAbort(#"{"prompt":"a"}"#, after: nil)
    }

    @Test func aClientThatLeavesAbortsEveryPrompt() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in [.prompt, .hang] }
        try await fixture.test(.live) { client in
            let connection = try await RawConnection(port: try #require(client.port))
            try await connection.post("/v1/completions", #"{"prompt":["a","b","c"]}"#)
            while fixture.engine.openCount < 3 { try await Task.sleep(for: .milliseconds(2)) }
            try await connection.close()
            for _ in 0..<3 { #expect(await fixture.engine.waitForAbort()) }
        }
    }

    @Test func aConnectionServesManyRequests() async throws {
        let fixture = try Fixture(saying: "ok")
        try await fixture.test(.live) { client in
            let connection = try await RawConnection(port: try #require(client.port))
            for body in [#"{"prompt":"a"}"#, #"{"prompt":"b","stream":true}"#, #"{"prompt":"c"}"#] {
                try await connection.post("/v1/completions", body)
                let end = body.contains("stream") ? "0\r\n\r\n" : #""total_tokens":4}}"#
                let answer = await connection.receive(until: end)
                #expect(answer.hasPrefix("HTTP/1.1 200 OK"), "\(answer)")
            }
            #expect(fixture.engine.requests.count == 3)
            #expect(fixture.engine.abortCount == 0)
            try await connection.close()
        }
    }

    @Test func headersOverTheLimitAreRefused() async throws {
        let fixture = try Fixture(saying: "ok")
        try await fixture.test(.live) { client in
            let connection = try await RawConnection(port: try #require(client.port))
            let long = String(repeating: "x", count: 70_000)
            try await connection.send(
                "GET /health HTTP/1.1\r\nHost: test\r\nX-Long: \(long)\r\n\r\n"
            )
            let answer = await connection.receive(until: "\r\n\r\n")
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(80))")
            let health = try await client.execute(uri: "/health", method: .get) { Answer($0) }
            #expect(health.status == 200)
        }
    }
}
