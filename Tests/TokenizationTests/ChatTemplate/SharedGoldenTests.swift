import Foundation
import Testing
import Tokenization

/// Rendered prompts that transformers itself made of SmolLM2's own template. They lie outside the
/// repository, beside it or where PUMICE_SHARED says.
struct SharedGoldenTests {
    private static let file: URL? = {
        let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("../../..").standardizedFileURL
        let shared =
            ProcessInfo.processInfo.environment["PUMICE_SHARED"].map { URL(fileURLWithPath: $0) }
            ?? repository.appendingPathComponent("../shared").standardizedFileURL
        let file = shared.appendingPathComponent("golden/smollm2_q4_1.json")
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }()

    @Test(.enabled(if: file != nil, "no shared/golden/smollm2_q4_1.json: set PUMICE_SHARED"))
    func theCheckpointsTemplateRendersAsInTransformers() throws {
        let goldens = try JinjaValue(json: try Data(contentsOf: try #require(Self.file)))
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/templates/smollm2.jinja")
        let template = try ChatTemplate(source: try String(contentsOf: source, encoding: .utf8))
        var count = 0
        for item in try #require(goldens["items"].listValue) {
            guard let messages = item["messages"].listValue else { continue }
            count += 1
            let prompt = try template.render(messages: messages, addGenerationPrompt: true)
            #expect(prompt == item["text"].stringValue, "\(item["name"])")
        }
        #expect(count > 0)
    }
}
