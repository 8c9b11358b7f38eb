import HTTPTypes
import Inference
import NIOCore
import OpenAIServer
import Scheduling
import Synchronization
import Testing
import Tokenization

@Suite struct ConnectionTests {
    @Test func aConnectionServesManyRequests() async throws {
        let fixture = try Fixture(saying: "ok")
        try await fixture.serve { _, port in
            let connection = try await RawConnection(port: port)
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

    @Test func aConnectionThatSaysNothingIsClosed() async throws {
        var fixture = try Fixture { _ throws(AdmissionError) in
            [.prompt, .pause(.milliseconds(1200)), .token(65), .finished(.length)]
        }
        fixture.configuration.limits.idleConnectionTime = .milliseconds(400)
        try await fixture.serve { _, port in
            let connection = try await RawConnection(port: port)
            // While it waits for its answer it is not idle.
            try await connection.post("/v1/completions", #"{"prompt":"a"}"#)
            let answer = await connection.receive(until: "}}")
            #expect(answer.contains(#""text":"A""#))
            let start = ContinuousClock.now
            #expect(await connection.receive(until: "never").isEmpty)
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func aBodyOfUnknownLengthIsCutAtTheLimit() async throws {
        var fixture = try Fixture(saying: "ok")
        fixture.configuration.limits.bodySize = 1000
        try await fixture.serve { _, port in
            let connection = try await RawConnection(port: port)
            try await connection.send(
                "POST /v1/completions HTTP/1.1\r\nHost: test\r\n"
                    + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "400\r\n\(String(repeating: "x", count: 1024))\r\n"
            )
            let answer = await connection.receive(until: "}}")
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer)")
        }
    }

    @Test func connectionsOverTheLimitWait() async throws {
        var fixture = try Fixture(saying: "ok")
        fixture.configuration.limits.connectionCount = 1
        try await fixture.serve { _, port in
            let first = try await RawConnection(port: port)
            try await first.send("GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
            _ = await first.receive(until: "\r\n\r\n")
            let second = try await RawConnection(port: port)
            try await second.send("GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
            let isClosed = Mutex(false)
            async let answer = (second.receive(until: "\r\n\r\n"), isClosed.withLock { $0 })
            try await Task.sleep(for: .milliseconds(100))
            isClosed.withLock { $0 = true }
            try await first.close()
            let (text, wasClosed) = await answer
            #expect(text.hasPrefix("HTTP/1.1 200"))
            #expect(wasClosed)
        }
    }

    @Test func headersOverTheLimitAreRefused() async throws {
        let fixture = try Fixture(saying: "ok")
        try await fixture.serve { _, port in
            let connection = try await RawConnection(port: port)
            let long = String(repeating: "x", count: 70_000)
            try await connection.send(
                "GET /health HTTP/1.1\r\nHost: test\r\nX-Long: \(long)\r\n\r\n"
            )
            let answer = await connection.receive(until: "\r\n\r\n")
            #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer.prefix(80))")
            try await RawConnection.expectAnswer("/health", port: port)
        }
    }
}
