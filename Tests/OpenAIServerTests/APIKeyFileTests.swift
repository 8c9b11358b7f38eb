import Foundation
import HTTPTypes
import OpenAIServer
import Testing

@Suite struct APIKeyFileTests {
    /// A file that is gone when the test is.
    private final class KeyFile: Sendable {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("pumice-keys-\(UUID().uuidString)")

        func write(_ text: String) throws { try Data(text.utf8).write(to: url, options: .atomic) }

        deinit { try? FileManager.default.removeItem(at: url) }
    }

    @Test func linesAreKeysAndCommentsAreNot() throws {
        let file = KeyFile()
        try file.write("# team a\nkey-1\r\n\n  key-2  \n#key-3\nsk-=+/~")
        #expect(try APIKeyFile(file.url.path).keys == ["key-1", "key-2", "sk-=+/~"])
    }

    @Test(arguments: [
        ("", "holds 0 keys"), ("# only\n\n", "holds 0 keys"), ("good\nnot secret", "Line 2 of"),
        ("schlüssel", "Line 1 of"), (String(repeating: "x", count: 4097), "Line 1 of"),
    ])
    func whatHoldsNoKeysIsRefusedWithoutBeingRepeated(_ text: String, _ message: String) throws {
        let file = KeyFile()
        try file.write(text)
        let error = try #require(throws: FileError.self) { try APIKeyFile(file.url.path) }
        #expect(error.description.contains(message))
        #expect(!error.description.contains("secret") && !error.description.contains("xxx"))
    }

    @Test func newKeysCountAndOldOnesNoMore() throws {
        let file = KeyFile()
        try file.write("old")
        let keys = try APIKeyFile(file.url.path)
        #expect(try !keys.reload())
        try file.write("new")
        #expect(try keys.reload())
        #expect(keys.keys == ["new"])
        // A file that was emptied by mistake opens nothing and closes nothing.
        try file.write("")
        #expect(throws: FileError.self) { try keys.reload() }
        #expect(try !keys.reload())
        #expect(keys.keys == ["new"])
    }

    @Test func theServerTakesThemInWhileItRuns() async throws {
        let file = KeyFile()
        try file.write("old")
        var fixture = try Fixture(saying: "x")
        fixture.configuration.apiKeys = ["fixed"]
        fixture.configuration.apiKeyFile = try APIKeyFile(file.url.path)
        try await fixture.serve { _, port in
            let client = try await RawConnection(port: port)
            func isLetIn(_ key: String) async throws -> Bool {
                try await client.send(
                    "GET /v1/models HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\n\r\n"
                )
                return await client.receive(until: "}").hasPrefix("HTTP/1.1 200")
            }
            let before = [try await isLetIn("old"), try await isLetIn("new")]
            #expect(before == [true, false])
            try file.write("new")
            let deadline = ContinuousClock.now + .seconds(20)
            while try await !isLetIn("new"), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
            let after = [
                try await isLetIn("new"), try await isLetIn("old"), try await isLetIn("fixed"),
            ]
            #expect(after == [true, false, true])
        }
    }
}
