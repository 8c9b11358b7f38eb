import Checkpoints
import Foundation
import Inference
import Scheduling
import Testing
import Tokenization

/// The golden text as a model's own tokenizer cuts it.
enum PerplexityText {
    static func tokens(_ model: String?) throws -> [TokenID] {
        let folder = try #require(TestModel.goldens)
        let text = try String(contentsOfFile: folder + "/ppl_text.txt", encoding: .utf8)
        let file = try GGUFFile(path: try #require(model))
        return try Tokenizer(metadata: file.metadata).encode(text, addSpecialTokens: true)
    }
}
