import HTTPTypes
import Inference
import OpenAIServer
import Testing

/// Each request's deadline: its own, within the server's.
struct DeadlineTests {
    private func deadline(_ header: String?, server: Duration?) async throws -> Duration? {
        var fixture = try Fixture(saying: "x")
        fixture.configuration.requestDeadline = server
        for (path, input) in [
            ("/v1/completions", #""prompt": "x""#),
            ("/v1/chat/completions", #""messages": [{"role": "user", "content": "x"}]"#),
        ] {
            let answer = try await fixture.post(
                path,
                #"{"model": "tiny", \#(input)}"#,
                headers: try header.map(Self.headers) ?? [:]
            )
            #expect(answer.status == 200)
        }
        let deadlines = fixture.engine.requests.map(\.deadline)
        #expect(deadlines.count == 2 && deadlines[0] == deadlines[1])
        return deadlines[0]
    }

    private static func headers(_ value: String) throws -> HTTPFields {
        [try #require(HTTPField.Name("X-Request-Timeout")): value]
    }

    @Test func theShorterOfTheTwoHolds() async throws {
        #expect(try await deadline(nil, server: nil) == nil)
        #expect(try await deadline(nil, server: .seconds(30)) == .seconds(30))
        #expect(try await deadline("2.5", server: nil) == .seconds(2.5))
        #expect(try await deadline("2.5", server: .seconds(30)) == .seconds(2.5))
        #expect(try await deadline("60", server: .seconds(30)) == .seconds(30))
    }

    @Test(arguments: ["0", "-1", "soon", "", "nan", "inf", "86401"])
    func whatIsNoNumberOfSecondsIsRefused(_ value: String) async throws {
        let fixture = try Fixture(saying: "x")
        let answer = try await fixture.post(
            "/v1/completions",
            #"{"model": "tiny", "prompt": "x"}"#,
            headers: try Self.headers(value)
        )
        #expect(answer.status == 400)
        #expect(answer.text.contains("x-request-timeout"))
        #expect(fixture.engine.requests.isEmpty)
    }
}
