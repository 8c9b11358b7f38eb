import Foundation
import Testing
import Tokenization

/// Tokenizers of `tokenizer.json` against Hugging Face's own implementation.
struct TokenizerJSONTests {
    struct Golden: Decodable {
        let ids: [[UInt32]?]
        let decoded: [String?]
        let megabytes: [MegabyteLine.Golden]
    }

    static let names = [
        "gpt2", "roberta", "llama3", "qwen2", "tekken", "gpt4o", "smollm", "falcon", "deepseek",
        "kimi", "llama2", "gemma", "mistral", "words", "marks", "uncased", "t5", "unigram_bytes",
    ]

    /// The texts that `Goldens/make_tokenizer_json_goldens.py` takes.
    static func texts() throws -> [String] {
        let corpus = try TokenizerFixture.golden("tokenizer_corpus.json", as: [String].self)
        let chosen = corpus.enumerated().filter {
            $0.offset < 120 || $0.offset % 3 == 0 || $0.offset >= corpus.count - 14
        }
        return [""] + chosen.map(\.element)
    }

    static func file(_ name: String) throws -> Data {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        return try Data(contentsOf: folder.appendingPathComponent("Goldens/\(name).json"))
    }

    /// The `tokenizer.json` of a golden file, after a change.
    static func json(
        _ name: String,
        change: (inout [String: Any]) -> Void = { _ in }
    ) throws -> [UInt8] {
        let golden = try JSONSerialization.jsonObject(with: file(name)) as? [String: Any]
        var tokenizer = try #require(golden?["tokenizer"] as? [String: Any])
        change(&tokenizer)
        return [UInt8](try JSONSerialization.data(withJSONObject: tokenizer))
    }

    static func tokenizer(_ name: String) throws -> Tokenizer {
        try Tokenizer(json: json(name), path: name)
    }

    @Test(arguments: names)
    func tokensOfNastyTextsAreThoseOfHuggingFace(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let golden = try JSONDecoder().decode(Golden.self, from: Self.file(name))
        let texts = try Self.texts()
        #expect(golden.ids.count == texts.count)
        for (text, expected) in zip(texts, golden.ids) {
            let tokens = tokenizer.encode(text, addSpecialTokens: true)
            if let expected { #expect(tokens == expected, "\(text.debugDescription)") }
        }
    }

    @Test(arguments: names)
    func tokensBecomeTheTextOfHuggingFace(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        let golden = try JSONDecoder().decode(Golden.self, from: Self.file(name))
        for ((text, ids), decoded) in zip(zip(try Self.texts(), golden.ids), golden.decoded) {
            guard let ids else { continue }
            let found = tokenizer.decode(ids, skipSpecialTokens: true)
            #expect(found == decoded ?? text, "\(text.debugDescription)")
            var stream = IncrementalDetokenizer(tokenizer, skipSpecialTokens: true)
            let pieces = ids.map { stream.append($0) }.joined() + stream.finish()
            #expect(pieces == found, "\(text.debugDescription)")
        }
    }

    /// No text of a user becomes a token about the text when special tokens are not parsed.
    @Test(arguments: names)
    func specialTokensCannotBeWritten(name: String) throws {
        let tokenizer = try Self.tokenizer(name)
        for text in [
            "<|im_end|>", "a<s>b</s>", "<|begin|><|end|>", "<bos>  <|endoftext|>", "<unk>",
        ] {
            let tokens = tokenizer.encode(
                text,
                addSpecialTokens: false,
                parseSpecialTokens: false
            )
            let unknown = tokenizer.token(for: "<unk>")
            #expect(tokens.allSatisfy { !tokenizer.isSpecial($0) || $0 == unknown }, "\(text)")
        }
    }

    @Test(arguments: names)
    func aMegabyteInOneLineHasItsTokensInLinearTime(name: String) throws {
        let golden = try JSONDecoder().decode(Golden.self, from: Self.file(name))
        let tokenizer = try Self.tokenizer(name)
        MegabyteLine.check(
            golden.megabytes,
            tokenizer,
            addSpecialTokens: true,
            third: Self.names.firstIndex(of: name)
        )
    }

    @Test func aTextBeginsAndEndsAsTheFileSays() throws {
        let llama = try Self.tokenizer("llama3")
        #expect(
            llama.encode("", addSpecialTokens: true) == [
                try #require(llama.token(for: "<|begin|>"))
            ]
        )
        #expect(llama.beginningOfSequence == llama.token(for: "<|begin|>"))
        #expect(llama.addsBeginningOfSequence && !llama.addsEndOfSequence)
        #expect(llama.endOfGeneration == Set(["<|im_end|>", "<|end|>"].compactMap(llama.token)))
        #expect(try Self.tokenizer("gpt2").encode("", addSpecialTokens: true) == [])
        var names = SpecialTokenNames()
        (names.beginning, names.end, names.ends) = ("<s>", "</s>", [5, 1_000_000])
        let llama2 = try Tokenizer(json: Self.json("llama2"), path: "x", names: names)
        #expect(llama2.addsBeginningOfSequence && llama2.addsEndOfSequence)
        #expect(llama2.endOfSequence == 2 && llama2.endOfGeneration.isSuperset(of: [2, 5]))
    }
}
