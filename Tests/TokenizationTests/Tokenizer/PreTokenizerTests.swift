import Testing
import Tokenization

struct PreTokenizerTests {
    @Test(arguments: ["gpt-2", "smollm", "llama-bpe", "qwen2", "gpt-4o", "tekken"])
    func everyTextIsCutAsTheOriginalExpressionCutsIt(name: String) throws {
        let texts = try TokenizerFixture.golden("tokenizer_corpus.json", as: [String].self)
        let golden = try TokenizerFixture.golden(
            "pre_tokenizers.json",
            as: [String: [[Int]]].self
        )
        let expected = try #require(golden[name])
        let preTokenizer = try PreTokenizer.named(name)
        #expect(expected.count == texts.count)
        for (text, lengths) in zip(texts, expected) {
            let words = preTokenizer.words(of: text)
            #expect(words.map(\.unicodeScalars.count) == lengths, "\(text.debugDescription)")
        }
    }

    @Test(arguments: PreTokenizer.all.map(\.names[0]))
    func wordsAreNeverEmptyAndTogetherAreTheText(name: String) throws {
        let preTokenizer = try PreTokenizer.named(name)
        for seed in 0..<200 as Range<UInt64> {
            var random = TokenizerRandom(seed: seed)
            let text = random.anyString(upTo: 60)
            let words = preTokenizer.words(of: text)
            #expect(words.joined() == text, "seed \(seed)")
            #expect(!words.contains(""), "seed \(seed)")
        }
    }

    @Test func anEmptyTextHasNoWords() throws {
        for preTokenizer in PreTokenizer.all { #expect(preTokenizer.words(of: "") == []) }
    }

    @Test func otherNamesMeanTheSame() throws {
        let text = "It's 1234 o'CLOCK,  DON'T\n\n x"
        for (name, other) in [
            ("default", "gpt-2"), ("llama3", "llama-bpe"), ("deepseek-r1-qwen", "qwen2"),
            ("llama4", "gpt-4o"),
        ] {
            let words = try PreTokenizer.named(name).words(of: text)
            #expect(words == (try PreTokenizer.named(other).words(of: text)))
        }
    }

    @Test func anUnknownNameIsRefusedWithThoseThatAreKnown() throws {
        let error = #expect(throws: TokenizerError.self) { try PreTokenizer.named("klingon") }
        let text = try #require(error).description
        #expect(text.contains("'klingon'"))
        for name in ["smollm", "llama-bpe", "qwen2", "gpt-2", "default", "gpt-4o", "tekken"] {
            #expect(text.contains(name))
        }
    }
}
