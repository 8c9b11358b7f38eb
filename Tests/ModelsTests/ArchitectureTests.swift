import Foundation
import Models
import Testing

/// What is said of architectures, and of those that are not supported.
struct ArchitectureTests {
    @Test func theTableOfTheREADMEIsTheCodes() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let readme = try String(
            contentsOf: root.appendingPathComponent("README.md"),
            encoding: .utf8
        )
        #expect(readme.contains(Architectures.table), "README.md must have\n\(Architectures.table)")
    }

    @Test func everyArchitectureHasATinyCheckpoint() {
        #expect(Set(CheckpointFixture.all.map(\.name)).isSuperset(of: Architectures.names))
    }

    @Test func othersAreRefusedByNameWithWhatIsSupported() throws {
        try withTemporaryFolder { path in
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true
            )
            try Data("{\"model_type\": \"mamba\"}".utf8)
                .write(to: URL(fileURLWithPath: path + "/config.json"))
            let error = #expect(throws: ModelError.self) { try HubFolder(path: path) }
            let message = try #require(error?.description)
            #expect(message.contains("`mamba` is not supported"))
            #expect(message.contains("llama") && message.contains("gemma3_text"))
        }
    }
}
