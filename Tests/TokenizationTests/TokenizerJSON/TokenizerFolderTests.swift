import Foundation
import Testing
import Tokenization

/// A folder in Hugging Face's layout.
struct TokenizerFolderTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("pumice-tokenizer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(TokenizerJSONTests.json("llama3"))
            .write(to: folder.appendingPathComponent("tokenizer.json"))
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    }

    @Test func allFilesAreHeeded() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        try write(
            "tokenizer_config.json",
            """
            {"bos_token": {"content": "<|begin|>", "special": true}, "eos_token": "<|end|>",
             "chat_template": [{"name": "tool_use", "template": "t"},
                               {"name": "default", "template": "{{ bos_token }}"}]}
            """
        )
        try write(
            "generation_config.json",
            "{\"eos_token_id\": [1, 7], \"temperature\": 1, \"top_k\": 64, \"top_p\": 0.95}"
        )
        let text = try TokenizerFolder(path: folder.path)
        #expect(text.tokenizer.endOfSequence == text.tokenizer.token(for: "<|end|>"))
        #expect(text.tokenizer.endOfGeneration.isSuperset(of: [1, 7]))
        #expect(text.chatTemplate == "{{ bos_token }}")
        #expect(text.generation.temperature == 1 && text.generation.topK == 64)
        #expect(text.generation.topP == 0.95 && text.generation.repetitionPenalty == nil)
        try write("chat_template.jinja", "{{ own }}")
        #expect(try TokenizerFolder(path: folder.path).chatTemplate == "{{ own }}")
    }

    @Test func oneFileIsEnough() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let text = try TokenizerFolder(path: folder.path)
        #expect(text.chatTemplate == nil && text.tokenizer.endOfSequence == nil)
    }

    @Test func wrongFilesAreNamed() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["generation_config.json", "tokenizer_config.json"] {
            try write(name, "{\"a\": ")
            let error = #expect(throws: TokenizerError.self) {
                try TokenizerFolder(path: folder.path)
            }
            #expect(error?.description.contains(name) == true)
            try write(name, "{}")
        }
        try FileManager.default.removeItem(at: folder.appendingPathComponent("tokenizer.json"))
        let error = #expect(throws: TokenizerError.self) { try TokenizerFolder(path: folder.path) }
        #expect(error?.description.contains("save_pretrained") == true)
    }
}
