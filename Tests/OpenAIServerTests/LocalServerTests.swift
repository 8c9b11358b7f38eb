import Foundation
import OpenAIServer
import Testing

struct LocalServerTests {
    private func server(_ fixture: Fixture) throws -> LocalServer {
        LocalServer(
            model: try fixture.makeModel(),
            configuration: fixture.configuration,
            logger: .silent
        )
    }

    @Test func anAnswerIsThatOfTheServer() async throws {
        let fixture = try Fixture(saying: "hi")
        let body = #"{"messages": [{"role": "user", "content": "x"}], "max_tokens": 9}"#
        let http = try await fixture.post("/v1/chat/completions", body)
        let answer = try await server(fixture).post("/v1/chat/completions", Array(body.utf8))
        let local = try await answer.body()
        #expect(answer.status == 200 && answer.requestID.count == 32)
        #expect(
            Self.comparable(String(decoding: local, as: UTF8.self)) == Self.comparable(http.text)
        )
    }

    /// Without what differs in every answer.
    private static func comparable(_ text: String) -> String {
        text.replacing(/"chatcmpl-[0-9a-f]+"/, with: "id").replacing(/"created":\d+/, with: "now")
    }

    @Test func aStreamComesEventByEvent() async throws {
        let body = #"{"prompt": "x", "stream": true, "max_tokens": 9}"#
        let answer = try await server(Fixture(saying: "abc")).post(
            "/v1/completions",
            Array(body.utf8)
        )
        let (pieces, source) = AsyncStream.makeStream(of: [UInt8].self)
        try await answer.forEachPiece { source.yield($0) }
        source.finish()
        let texts = await pieces.reduce(into: [String]()) {
            $0.append(String(decoding: $1, as: UTF8.self))
        }
        #expect(texts.count >= 5)
        #expect(texts.allSatisfy { $0.hasPrefix("data: ") && $0.hasSuffix("\n\n") })
        #expect(texts.last == "data: [DONE]\n\n")
    }

    @Test func keysGuardTheNetworkOnly() async throws {
        var fixture = try Fixture(saying: "abc")
        fixture.configuration.apiKeys = ["secret"]
        let answer = try await server(fixture).post(
            "/v1/completions",
            Array(#"{"prompt":"x"}"#.utf8)
        )
        #expect(answer.status == 200)
    }

    @Test(arguments: [("/v1/nothing", 404), ("/v1/completions", 400), ("/v1/models", 405)])
    func whatIsWrongIsAnAnswer(path: String, status: Int) async throws {
        let answer = try await server(Fixture(saying: "abc")).post(path, Array("{}".utf8))
        #expect(answer.status == status)
        let body = try await answer.body()
        #expect(String(decoding: body, as: UTF8.self).contains("\"error\""))
    }

    @Test func cancellingTheReaderAbortsTheGeneration() async throws {
        let fixture = try Fixture { request in [.prompt, .token(97), .hang] }
        let server = try server(fixture)
        let body = Array(#"{"prompt": "x", "stream": true, "max_tokens": 9}"#.utf8)
        let reading = Task {
            let answer = try await server.post("/v1/completions", body)
            try await answer.forEachPiece { _ in }
        }
        while fixture.engine.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        reading.cancel()
        #expect(await fixture.engine.waitForAbort())
    }
}
