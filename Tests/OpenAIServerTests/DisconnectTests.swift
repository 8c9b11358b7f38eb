import HTTPTypes
import Inference
import NIOCore
import OpenAIServer
import Scheduling
import Synchronization
import Testing
import Tokenization

@Suite struct DisconnectTests {
    /// Sends a request, closes the socket while the engine is at work, and expects an abort.
    private func checkAbort(_ body: String, after text: String?) async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in [.prompt, .token(65), .hang] }
        try await fixture.serve { _, port in
            let connection = try await RawConnection(port: port)
            try await connection.post("/v1/completions", body)
            if let text {
                _ = await connection.receive(until: text)
            } else {
                while fixture.engine.openCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
            }
            let start = ContinuousClock.now
            try await connection.close()
            #expect(await fixture.engine.waitForAbort())
            #expect(ContinuousClock.now - start < .seconds(3))
            #expect(fixture.engine.openCount == 0)
            // The server goes on.
            try await RawConnection.expectAnswer("/load", port: port)
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
        try await fixture.serve { _, port in
            let connection = try await RawConnection(port: port)
            try await connection.post("/v1/completions", #"{"prompt":["a","b","c"]}"#)
            while fixture.engine.openCount < 3 { try await Task.sleep(for: .milliseconds(2)) }
            try await connection.close()
            for _ in 0..<3 { #expect(await fixture.engine.waitForAbort()) }
        }
    }
}
