import Checkpoints
import Foundation
import OpenAIServer
import Tokenization

/// What a model's files say of text: a GGUF file's metadata, or the files of a folder.
struct ModelText {
    let tokenizer: Tokenizer
    /// The source of the chat template.
    let chatTemplate: String?
    /// What the model's makers recommend; nil where the files do not say.
    let sampling: OpenAIServer.SamplingDefaults?

    /// Reads the file or the folder at `path`.
    /// - Throws: `GGUFError`, `MetadataError` or `TokenizerError`, which name the file.
    init(path: String) throws {
        // Only a folder has a file of this name.
        if FileManager.default.fileExists(atPath: path + "/.") {
            let folder = try TokenizerFolder(path: path)
            tokenizer = folder.tokenizer
            chatTemplate = folder.chatTemplate
            sampling = OpenAIServer.SamplingDefaults(folder.generation)
        } else {
            let file = try GGUFFile(path: path)
            tokenizer = try Tokenizer(metadata: file.metadata)
            chatTemplate = try file.metadata.optionalString("tokenizer.chat_template")
            sampling = nil
        }
    }
}

extension ModelText {
    /// The chat template, ready to render.
    /// - Parameter file: a file with a template to use instead of the model's own.
    func template(orFrom file: String? = nil) throws -> ChatTemplate? {
        let source = try file.map { try String(contentsOfFile: $0, encoding: .utf8) }
        return try (source ?? chatTemplate).map {
            try ChatTemplate(
                source: $0,
                beginningOfSequence: tokenizer.text(of: tokenizer.beginningOfSequence),
                endOfSequence: tokenizer.text(of: tokenizer.endOfSequence)
            )
        }
    }
}

extension OpenAIServer.SamplingDefaults {
    /// Those of generation_config.json. Values that no request could ask for are left out: the
    /// file is advice.
    init(_ generation: GenerationDefaults) {
        self.init()
        if let value = generation.temperature, (0...2).contains(value) { temperature = value }
        if let value = generation.topP, value > 0, value <= 1 { topP = value }
        if let value = generation.topK, value >= 0 { topK = value }
        if let value = generation.minP, (0...1).contains(value) { minP = value }
        if let value = generation.repetitionPenalty, value > 0, value.isFinite {
            repetitionPenalty = value
        }
        if let value = generation.maxNewTokens, value > 0 { maxTokens = value }
    }
}
