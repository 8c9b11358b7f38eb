import HTTPTypes
import Inference
import NIOCore
import OpenAIServer
import Testing
import Tokenization

/// A server before its model is there.
@Suite struct StartupTests {
    private static func test(
        _ startup: ModelStartup,
        apiKeys: [String] = [],
        _ body: @Sendable (TestClient) async throws -> Void
    ) async throws {
        var configuration = OpenAIServer.Configuration()
        configuration.version = "1.2.3"
        configuration.apiKeys = apiKeys
        let server = OpenAIServer(
            startup: startup,
            configuration: configuration,
            logger: .silent
        )
        try await body(TestClient(server))
    }

    private static func send(
        _ client: TestClient,
        _ path: String,
        _ method: HTTPRequest.Method = .get,
        headers: HTTPFields = [:]
    ) async throws -> Answer {
        try await client.send(path, method, headers: headers)
    }

    @Test func probesTellHowFarItIs() async throws {
        let startup = ModelStartup()
        try await Self.test(startup) { client in
            for path in ["/livez", "/health", "/ping"] {
                let answer = try await Self.send(client, path)
                #expect(answer.status == 200)
            }
            for (phase, share) in [
                (ModelStartup.Phase.downloading, 0.25), (.loading, 0.5), (.warming, 0.75),
            ] {
                startup.report(phase, share)
                for path in ["/startupz", "/readyz"] {
                    let answer = try await Self.send(client, path)
                    #expect(answer.status == 503)
                    #expect(answer.json["status"] == "loading")
                    #expect(answer.json["phase"].stringValue == phase.rawValue)
                    #expect(answer.json["progress"] == .float(share))
                    #expect(answer.json["reason"].stringValue?.hasPrefix("The model is ") == true)
                }
            }
        }
    }

    @Test(arguments: ["/v1/models", "/v1/chat/completions", "/v1/anything/else", "/tokenize", "/"])
    func everythingElseSaysWhenToComeAgain(_ path: String) async throws {
        let startup = ModelStartup()
        startup.report(.loading, 0.255)
        try await Self.test(startup) { client in
            for method in [HTTPRequest.Method.get, .post] {
                let answer = try await Self.send(client, path, method)
                #expect(answer.status == 503)
                #expect(answer.headers[.retryAfter] == "5")
                #expect(
                    answer.json["error"]["message"]
                        == "The model is being loaded (25 %). Please try again later."
                )
            }
        }
    }

    @Test func keysAreAskedForFromTheBeginning() async throws {
        let right: HTTPFields = [.authorization: "Bearer key"]
        try await Self.test(ModelStartup(), apiKeys: ["key"]) { client in
            var found: [Int] = []
            for path in ["/livez", "/startupz", "/metrics", "/v1/models"] {
                found.append(try await Self.send(client, path).status)
            }
            #expect(found == [200, 503, 200, 401])
            let drain = try await Self.send(client, "/drain", .post)
            #expect(drain.status == 401)
            let models = try await Self.send(client, "/v1/models", headers: right)
            #expect(models.status == 503)
        }
    }

    @Test func theModelIsServedAsSoonAsItIsThere() async throws {
        let model = try Fixture(saying: "ok").makeModel()
        let startup = ModelStartup()
        try await Self.test(startup) { client in
            func statuses() async throws -> [Int] {
                var statuses: [Int] = []
                for path in ["/v1/models", "/readyz", "/startupz", "/livez", "/nothing"] {
                    statuses.append(try await Self.send(client, path).status)
                }
                return statuses
            }
            let before = try await statuses()
            #expect(before == [503, 503, 503, 200, 503])
            startup.finish(model)
            let after = try await statuses()
            #expect(after == [200, 200, 200, 200, 404])
        }
    }

    @Test func metricsTellWhatThePhasesTake() async throws {
        let model = try Fixture(saying: "ok").makeModel()
        let startup = ModelStartup()
        startup.report(.loading, 0.5)
        try await Self.test(startup) { client in
            let before = try await Self.send(client, "/metrics").text
            #expect(before.contains("pumice_build_info{version=\"1.2.3\"} 1.0\n"))
            for (phase, share) in [("downloading", "1.0"), ("loading", "0.5"), ("warming", "0.0")] {
                #expect(
                    before.contains("pumice_model_load_progress{phase=\"\(phase)\"} \(share)\n")
                )
            }
            #expect(before.contains("pumice_model_load_seconds{phase=\"warming\"} 0.0\n"))
            startup.finish(model)
            let first = try await Self.send(client, "/metrics").text
            #expect(first.contains("pumice_model_load_progress{phase=\"warming\"} 1.0\n"))
            try await Task.sleep(for: .milliseconds(20))
            let second = try await Self.send(client, "/metrics").text
            func seconds(_ text: String) -> [Substring] {
                text.split(separator: "\n").filter { $0.hasPrefix("pumice_model_load_seconds") }
            }
            #expect(seconds(first).count == 3)
            #expect(seconds(first) == seconds(second))
        }
    }

    @Test func aDrainedServerDoesNotBecomeReady() async throws {
        let model = try Fixture(saying: "ok").makeModel()
        let startup = ModelStartup()
        try await Self.test(startup) { client in
            let drain = try await Self.send(client, "/drain", .post)
            #expect(drain.status == 200)
            #expect(drain.json == ["status": "drained", "in_flight": 0])
            let readiness = try await Self.send(client, "/readyz")
            #expect(readiness.json["status"] == "draining")
            let refused = try await Self.send(client, "/v1/completions", .post)
            #expect(refused.json["error"]["message"].stringValue?.contains("down") == true)
            startup.finish(model)
            let later = try await Self.send(client, "/readyz")
            #expect(later.status == 503)
        }
    }
}
