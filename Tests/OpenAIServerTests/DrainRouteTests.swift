import HTTPTypes
import Inference
import NIOCore
import OpenAIServer
import Scheduling
import ServiceLifecycle
import Testing
import Tokenization

@Suite struct DrainRouteTests {
    @Test func itTurnsRequestsAwayAndCountsThoseInFlight() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in
            [.prompt, .token(65), .pause(.milliseconds(1000)), .token(66), .finished(.length)]
        }
        try await fixture.serve { _, port in
            let running = try await RawConnection(port: port)
            try await running.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
            _ = await running.receive(until: #""text":"A""#)

            let operations = try await RawConnection(port: port)
            // Asked twice, it says the same.
            for _ in 0..<2 {
                try await operations.post("/drain", "")
                let answer = await operations.receive(until: "}")
                #expect(answer.hasPrefix("HTTP/1.1 202"))
                #expect(answer.contains(#"{"in_flight":1,"status":"draining"}"#))
            }
            try await operations.send("GET /readyz HTTP/1.1\r\nHost: test\r\n\r\n")
            #expect(await operations.receive(until: "}").hasPrefix("HTTP/1.1 503"))
            try await operations.post("/v1/completions", #"{"prompt":"b"}"#)
            let refused = await operations.receive(until: "}}").lowercased()
            #expect(refused.hasPrefix("http/1.1 503"))
            #expect(refused.contains("retry-after: 1"))

            try await operations.post("/drain?wait=30", "")
            let drained = await operations.receive(until: "}")
            #expect(drained.hasPrefix("HTTP/1.1 200"))
            #expect(drained.contains(#"{"in_flight":0,"status":"drained"}"#))
            let rest = await running.receive(until: "[DONE]")
            #expect(rest.contains(#""text":"B""#) && !rest.contains("error"))
        }
    }

    @Test func itsPatienceEnds() async throws {
        let fixture = try Fixture { _ throws(AdmissionError) in [.prompt, .token(65), .hang] }
        try await fixture.serve(drainTimeout: .milliseconds(10)) { _, port in
            let running = try await RawConnection(port: port)
            try await running.post("/v1/completions", #"{"prompt":"a","stream":true}"#)
            _ = await running.receive(until: #""text":"A""#)
            let operations = try await RawConnection(port: port)
            let start = ContinuousClock.now
            try await operations.post("/drain?wait=0.2", "")
            #expect(await operations.receive(until: "}").hasPrefix("HTTP/1.1 202"))
            #expect(ContinuousClock.now - start >= .milliseconds(200))
        }
    }

    @Test(arguments: ["-1", "x", "3601", "nan", ""])
    func aWaitThatIsNoneIsRefused(_ wait: String) async throws {
        let fixture = try Fixture(saying: "x")
        let answer = try await fixture.post("/drain?wait=\(wait)", "")
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == "wait")
        // And nothing is drained.
        #expect(try await fixture.get("/readyz").status == 200)
    }

    @Test func itIsNotForReading() async throws {
        #expect(try await Fixture(saying: "x").get("/drain").status == 405)
    }
}
