import Foundation
import Testing
import Tokenization

/// GGUF's `gpt2` tokenizer with each pre-tokenizer against Hugging Face's `tokenizers`: the
/// vocabularies of `tokenizer.json` goldens as a converter writes them into a GGUF file.
struct BytePairGoldenTests {
    /// Names of `tokenizer.ggml.pre` and of the goldens of the same make.
    static let families = [
        ("gpt-2", "gpt2"), ("smollm", "smollm"), ("llama-bpe", "llama3"), ("qwen2", "qwen2"),
        ("tekken", "tekken"), ("gpt-4o", "gpt4o"),
    ]

    private struct File: Decodable {
        let ids: [[UInt32]?]
        let decoded: [String?]
        let megabytes: [MegabyteLine.Golden]
        let tokenizer: Parts

        struct Parts: Decodable {
            let added_tokens: [AddedToken]
            let model: Model
        }
        struct AddedToken: Decodable {
            let id: Int
            let content: String
            let special, lstrip, rstrip, single_word, normalized: Bool

            /// A GGUF file does not say any of this.
            var isBeyondGGUF: Bool { lstrip || rstrip || single_word || normalized }
        }
        struct Model: Decodable {
            let vocab: [String: Int]
            let merges: [[String]]
        }

        func tokenizer(_ preTokenizer: String) throws -> Tokenizer {
            var vocabulary = SyntheticVocabulary(model: "gpt2", preTokenizer: preTokenizer)
            let words = tokenizer.model.vocab.sorted { $0.value < $1.value }.map(\.key)
            for word in words { vocabulary.add(word) }
            for token in tokenizer.added_tokens {
                if token.id == vocabulary.tokens.count { vocabulary.add(token.content) }
                vocabulary.kinds[token.id] = token.special ? 3 : 4
            }
            vocabulary.merges = tokenizer.model.merges.map { $0.joined(separator: " ") }
            vocabulary.integers["bos_token_id"] = vocabulary.tokens.firstIndex(of: "<|begin|>")
                .map(Int64.init)
            return try vocabulary.tokenizer()
        }
    }

    private static func file(_ name: String) throws -> File {
        try JSONDecoder().decode(File.self, from: TokenizerJSONTests.file(name))
    }

    @Test(arguments: families)
    func tokensAndTextsAreThoseOfHuggingFace(preTokenizer: String, name: String) throws {
        let file = try Self.file(name)
        let tokenizer = try file.tokenizer(preTokenizer)
        let texts = try TokenizerJSONTests.texts()
        let odd = file.tokenizer.added_tokens.filter(\.isBeyondGGUF).map(\.content)
        #expect(file.ids.count == texts.count)
        var count = 0
        for ((text, ids), decoded) in zip(zip(texts, file.ids), file.decoded) {
            guard let ids, !odd.contains(where: { text.range(of: $0, options: .literal) != nil })
            else { continue }
            count += 1
            let tokens = tokenizer.encode(text, addSpecialTokens: true)
            #expect(tokens == ids, "\(text.debugDescription)")
            let found = tokenizer.decode(tokens, skipSpecialTokens: true)
            #expect(found == decoded ?? text, "\(text.debugDescription)")
        }
        #expect(count > 250)
    }

    @Test(arguments: families)
    func aMegabyteInOneLineHasItsTokensInLinearTime(preTokenizer: String, name: String) throws {
        let file = try Self.file(name)
        let tokenizer = try file.tokenizer(preTokenizer)
        MegabyteLine.check(file.megabytes, tokenizer, addSpecialTokens: true)
    }
}
