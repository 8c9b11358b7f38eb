import Foundation
import OpenAIServer
import Testing

/// The numbers of `docs/operations.md` are the server's.
@Suite struct OperationsDocumentTests {
    @Test func limitsAreAsThePageSays() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/operations.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        let limits = OpenAIServer.Limits()
        for row in [
            "| a request's body | \(limits.bodySize >> 20) MiB |",
            "| \(limits.headerSize >> 10) KiB, \(limits.headerCount) fields |",
            "| connections | \(limits.connectionCount) |",
            "| silence of a client | \(limits.idleConnectionTime / .seconds(1)) s |"
                .replacing(".0 s", with: " s"),
        ] {
            #expect(page.contains(row), "\(row)")
        }
    }

    @Test(arguments: [(100, 200), (101, 400)])
    func jsonMayNestAsDeeplyAsThePageSays(_ depth: Int, _ status: Int) async throws {
        // The body itself is the first level.
        let nested =
            String(repeating: "[", count: depth - 1)
            + String(repeating: "]", count: depth - 1)
        let answer = try await Fixture(saying: "x")
            .post("/v1/completions", #"{"prompt":"a","x":\#(nested)}"#)
        #expect(answer.status == status)
    }
}
