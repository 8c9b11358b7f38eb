import Benchmarking
import Foundation
import Testing

@Suite struct PromptSourceTests {
    /// A server that counts words and adds a number of tokens of its own.
    private static func counting(
        perWord: Int,
        overhead: Int,
        takesTokens: Bool
    ) -> ScriptedServer.Script {
        { request in
            guard let data = try? JSONSerialization.jsonObject(with: Data(request.body.utf8)),
                let prompt = (data as? [String: Any])?["prompt"]
            else { return [.answer("400 Bad Request", "")] }
            if let text = prompt as? String {
                let count = overhead + perWord * text.split(separator: " ").count
                return [.streamHead, .text("x"), .usage(prompt: count, completion: 1), .done]
            }
            guard takesTokens, let ids = prompt as? [Int] else {
                return [.answer("422 Unprocessable Entity", "a string is needed")]
            }
            return [.streamHead, .text("x"), .usage(prompt: ids.count, completion: 1), .done]
        }
    }

    private func source(
        _ script: @escaping ScriptedServer.Script,
        _ kind: PromptSource.Kind? = nil
    ) async throws -> PromptSource {
        try await ScriptedServer.run(script) { port in
            let client = LoadClient(
                address: try ServerAddress("http://127.0.0.1:\(port)"),
                model: "m",
                timeout: .seconds(30)
            )
            return try await PromptSource.calibrated(kind, seed: 3, client: client)
        }
    }

    @Test func idsAreUsedWhereTheServerTakesThem() async throws {
        let source = try await source(Self.counting(perWord: 1, overhead: 0, takesTokens: true))
        #expect(source.kind == .tokens)
        guard case .tokens(let ids) = source.prompt(0, length: 57) else {
            Issue.record("no ids")
            return
        }
        #expect(ids.count == 57)
    }

    @Test func wordsAreCalibratedWhereItDoesNot() async throws {
        let source = try await source(Self.counting(perWord: 2, overhead: 5, takesTokens: false))
        #expect(source.kind == .words)
        #expect(source.perWord == 2)
        #expect(source.overhead == 5)
        guard case .text(let text) = source.prompt(0, length: 205) else {
            Issue.record("no text")
            return
        }
        #expect(text.split(separator: " ").count == 100)
    }

    @Test func aServerThatRefusesEverythingIsAnErrorWithItsWords() async throws {
        await #expect(throws: LoadError.probeFailed("HTTP 401: no such key")) {
            try await source { _ in [.answer("401 Unauthorized", "no such key")] }
        }
    }

    @Test func promptsOfDifferentNumbersBeginDifferently() {
        for kind in PromptSource.Kind.allCases {
            let source = PromptSource(kind: kind, seed: 1)
            #expect(source.prompt(4, length: 40) == source.prompt(4, length: 40))
            let firsts = Set((0..<100).map { "\(source.prompt($0, length: 8))" })
            #expect(firsts.count == 100)
        }
    }
}
