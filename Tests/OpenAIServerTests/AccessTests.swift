import HTTPTypes
import Logging
import OpenAIServer
import Synchronization
import Testing
import Tokenization

@Suite struct AccessTests {
    private static func bearer(_ key: String) -> HTTPFields { [.authorization: key] }

    @Test func aKeyIsAskedForWhenThereAreKeys() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.apiKeys = ["first", "second"]
        for key in ["Bearer first", "bearer second", "Bearer  second"] {
            #expect(try await fixture.get("/v1/models", headers: Self.bearer(key)).status == 200)
        }
        for key in ["Bearer third", "Bearer firs", "Bearer firstfirst", "first", "Basic first", ""]
        {
            let answer = try await fixture.get("/v1/models", headers: Self.bearer(key))
            #expect(answer.status == 401, "\(key)")
            #expect(answer.json["error"]["code"] == 401)
            #expect(answer.json["error"]["message"].stringValue?.contains("API key") == true)
            #expect(answer.headers[.wwwAuthenticate] == "Bearer")
        }
    }

    @Test func everythingButProbesAndMetricsIsGuarded() async throws {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.apiKeys = ["key"]
        for path in ["/health", "/livez", "/readyz", "/startupz", "/ping", "/metrics"] {
            #expect(try await fixture.get(path).status == 200, "\(path)")
        }
        for path in [
            "/v1/models", "/v1/models/tiny", "/version", "/load", "/nothing", "/metrics/x",
        ] {
            #expect(try await fixture.get(path).status == 401, "\(path)")
        }
        #expect(try await fixture.post("/v1/completions", "{}").status == 401)
        #expect(try await fixture.post("/v1/chat/completions", "{}").status == 401)
    }

    @Test func browsersOfOtherOriginsAreAnsweredOnlyWhenAllowed() async throws {
        var fixture = try Fixture(saying: "x")
        let origin: HTTPFields = [.origin: "https://a.example"]
        let closed = try await fixture.get("/v1/models", headers: origin)
        #expect(closed.headers[.accessControlAllowOrigin] == nil)

        fixture.configuration.allowedOrigins = ["https://a.example"]
        fixture.configuration.apiKeys = ["key"]
        let refused = try await fixture.get("/v1/models", headers: origin)
        // Also errors must be readable for the page.
        #expect(refused.status == 401)
        #expect(refused.headers[.accessControlAllowOrigin] == "https://a.example")
        let other = try await fixture.get("/health", headers: [.origin: "https://b.example"])
        #expect(other.headers[.accessControlAllowOrigin] == nil)
        let preflight = try await fixture.test { client in
            try await client.send(
                "/v1/chat/completions",
                .options,
                headers: [
                    .origin: "https://a.example", .accessControlRequestMethod: "POST",
                    .accessControlRequestHeaders: "authorization,content-type",
                ]
            )
        }
        #expect(preflight.status == 204)
        #expect(preflight.headers[.accessControlAllowHeaders] == "authorization,content-type")
    }

    @Test func aRequestIDIsTakenOrMade() async throws {
        let fixture = try Fixture(saying: "x")
        let name = try #require(HTTPField.Name("X-Request-Id"))
        let body = #"{"prompt":"a"}"#
        let given = try await fixture.post("/v1/completions", body, headers: [name: "trace-1:a"])
        #expect(given.headers[name] == "trace-1:a")
        #expect(given.json["id"] == "cmpl-trace-1:a")
        for unfit in ["a b", String(repeating: "x", count: 129), "\"quoted\""] {
            let made = try await fixture.post("/v1/completions", body, headers: [name: unfit])
            #expect(made.headers[name]?.count == 32)
        }
        #expect(try await fixture.get("/nothing").headers[name]?.count == 32)
    }

    @Test func theLogHasOneLineARequestAndNoContent() async throws {
        var fixture = try Fixture(saying: "the answer")
        fixture.configuration.apiKeys = ["the-key"]
        let log = RecordedLog()
        let server = try fixture.makeServer(logger: log.logger)
        let client = TestClient(server)
        for body in [#"{"prompt":"the prompt"}"#, #"{"prompt":"the prompt","stream":true}"#] {
            let answer = try await client.send(
                "/v1/completions?secret=1",
                .post,
                headers: [.contentType: "application/json", .authorization: "Bearer the-key"],
                body: body
            )
            #expect(answer.status == 200)
        }
        let lines = log.lines
        #expect(lines.count == 2)
        for line in lines {
            #expect(line.hasPrefix("POST /v1/completions 200"), "\(line)")
            #expect(line.contains("ms=") && line.contains("request="), "\(line)")
            for secret in ["the prompt", "the answer", "the-key", "secret"] {
                #expect(!line.contains(secret), "\(line)")
            }
        }
    }
}

/// A logger whose lines at info and above can be read back.
final class RecordedLog: Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(log: self) }
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let pairs = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
            let line = ([event.message.description] + pairs).joined(separator: " ")
            log.recorded.withLock { $0.append(line) }
        }
    }
}
