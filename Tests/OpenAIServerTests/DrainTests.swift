import Inference
import Logging
import NIOCore
import OpenAIServer
import Scheduling
import ServiceLifecycle
import Synchronization
import Testing

@Suite struct DrainTests {
    @Test func whatRunsIsFinishedAndNothingNewIsTaken() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in
            [.prompt, .token(65), .pause(.milliseconds(1500)), .token(66), .finished(.length)]
        }
        try await fixture.serve { group, port in
            let running = try await RawConnection(port: port)
            try await running.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
            _ = await running.receive(until: #""text":"A""#)
            await group.triggerGracefulShutdown()

            let probe = try await RawConnection(port: port)
            // The signal takes a moment to come through.
            var readiness = ""
            repeat {
                try await probe.send("GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n")
                readiness = await probe.receive(until: "}")
            } while readiness.hasPrefix("HTTP/1.1 200")
            #expect(readiness.hasPrefix("HTTP/1.1 503"))
            #expect(readiness.contains("draining"))
            try await probe.send("GET /livez HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(await probe.receive(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
            try await probe.post("/v1/completions", #"{"prompt":"b"}"#)
            let refused = await probe.receive(until: "}}")
            #expect(refused.hasPrefix("HTTP/1.1 503"))
            #expect(refused.contains("Retry-After: 1") || refused.contains("retry-after: 1"))

            let rest = await running.receive(until: "[DONE]")
            #expect(rest.contains(#""text":"B""#))
            #expect(!rest.contains("error"))
        }
        #expect(fixture.engine.requests.count == 1)
        #expect(fixture.engine.abortCount == 0)
    }

    @Test func patienceEndsWithAnError() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in [.prompt, .token(65), .hang] }
        let start = ContinuousClock.now
        try await fixture.serve(drainTimeout: .milliseconds(200)) { group, port in
            let stream = try await RawConnection(port: port)
            try await stream.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
            _ = await stream.receive(until: #""text":"A""#)
            let whole = try await RawConnection(port: port)
            try await whole.post("/v1/completions", #"{"prompt":"a"}"#)
            while fixture.engine.openCount < 2 { try await Task.sleep(for: .milliseconds(2)) }
            await group.triggerGracefulShutdown()
            let rest = await stream.receive(until: "[DONE]")
            #expect(rest.contains(#"{"error":{"code":503"#))
            #expect(await whole.receive(until: "}}").hasPrefix("HTTP/1.1 503"))
        }
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(fixture.engine.abortCount == 2)
    }

    @Test func aRequestThatIsNeverSentWholeDoesNotKeepTheServerUp() async throws {
        let fixture = try Fixture(saying: "x")
        let start = ContinuousClock.now
        try await fixture.serve(drainTimeout: .milliseconds(100)) { _, port in
            let connection = try await RawConnection(port: port)
            try await connection.send(
                "POST /v1/completions HTTP/1.1\r\nHost: test\r\n"
                    + "Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
            )
            let probe = try await RawConnection(port: port)
            var load = ""
            while !load.contains(#"{"server_load":1}"#) {
                try await probe.send("GET /load HTTP/1.1\r\nHost: test\r\n\r\n")
                load = await probe.receive(until: "}")
            }
        }
        #expect(ContinuousClock.now - start < .seconds(8))
    }

    @Test func anIdleServerStopsAtOnce() async throws {
        let fixture = try Fixture(saying: "x")
        let start = ContinuousClock.now
        try await fixture.serve { _, port in
            // An idle connection does not keep the server up.
            let connection = try await RawConnection(port: port)
            try await connection.send("GET /health HTTP/1.1\r\nHost: test\r\n\r\n")
            _ = await connection.receive(until: "\r\n\r\n")
        }
        #expect(ContinuousClock.now - start < .seconds(3))
    }

    @Test func aPortInUseIsSaidInASentence() async throws {
        let fixture = try Fixture(saying: "x")
        try await fixture.serve { _, port in
            var configuration = OpenAIServer.Configuration()
            configuration.port = port
            let second = OpenAIServer(
                model: try fixture.makeModel(),
                configuration: configuration,
                logger: .silent
            )
            let error = await #expect(throws: ListenError.self) { try await second.run() }
            #expect(
                error?.description
                    == "The address 127.0.0.1:\(port) is in use. Stop the process that listens "
                    + "there, or choose another port with --port."
            )
        }
    }
}
