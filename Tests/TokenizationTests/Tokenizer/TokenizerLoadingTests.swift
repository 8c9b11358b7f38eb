import Checkpoints
import Testing
import Tokenization

/// What files may have wrong.
struct TokenizerLoadingTests {
    private func error(_ change: (inout SyntheticVocabulary) -> Void) -> TokenizerError? {
        var vocabulary = SyntheticVocabulary.bytePair()
        change(&vocabulary)
        return #expect(throws: TokenizerError.self) { try vocabulary.tokenizer() }
    }

    @Test func anUnknownModelIsRefusedByName() throws {
        let error = try #require(error { $0.model = "t5" })
        #expect(error == .unknownModel("t5", known: ["gpt2", "llama"]))
        #expect(error.description.contains("'t5'") && error.description.contains("gpt2, llama"))
    }

    @Test func anUnknownPreTokenizerIsRefusedByName() throws {
        let error = try #require(error { $0.preTokenizer = "klingon" })
        #expect(error.description.contains("'klingon'") && error.description.contains("smollm"))
    }

    @Test func aMissingKeyIsNamed() throws {
        let error = try #require(error { $0.omitted = ["merges"] })
        #expect(error.description.contains("tokenizer.ggml.merges"))
        let none = #expect(throws: TokenizerError.self) { try Tokenizer(metadata: Metadata([])) }
        #expect(try #require(none).description.contains("tokenizer.ggml.model"))
    }

    @Test func anEmptyVocabularyIsRefused() {
        #expect(error { ($0.tokens, $0.kinds) = ([], []) } == .emptyVocabulary)
    }

    @Test func arraysMustHaveOneElementPerToken() {
        #expect(
            error { $0.kinds.removeLast() }
                == .countMismatch(key: "tokenizer.ggml.token_type", count: 255, tokenCount: 256)
        )
        #expect(
            error { ($0.model, $0.scores) = ("llama", [1]) }
                == .countMismatch(key: "tokenizer.ggml.scores", count: 1, tokenCount: 256)
        )
    }

    @Test func aTokenOfExcessiveLengthIsRefused() throws {
        let error = try #require(error { $0.add(String(repeating: "x", count: 1025)) })
        #expect(error == .overLimit(what: "a token with a byte count", value: 1025, limit: 1024))
    }

    @Test func tooManyBytesOfSpecialTokensAreRefused() throws {
        let long = String(repeating: "x", count: 1000)
        let error = try #require(
            error { vocabulary in
                for index in 1...4200 { vocabulary.add(long + "\(index)", kind: 3) }
            }
        )
        #expect(error.description.contains("special tokens"))
    }

    @Test func specialTokensOutsideTheVocabularyAreIgnored() throws {
        var vocabulary = SyntheticVocabulary.bytePair()
        vocabulary.integers = [
            "bos_token_id": 256, "eos_token_id": -1, "eot_token_id": 0xFFFF_FFFF,
        ]
        vocabulary.flags = ["add_bos_token": true, "add_eos_token": true]
        let tokenizer = try vocabulary.tokenizer()
        #expect(tokenizer.beginningOfSequence == nil && tokenizer.endOfSequence == nil)
        #expect(tokenizer.endOfGeneration.isEmpty)
        #expect(tokenizer.encode("a", addSpecialTokens: true) == [97])
    }

    @Test func typesThatAreNotThereOrUnknownMeanNormal() throws {
        var vocabulary = SyntheticVocabulary.bytePair()
        vocabulary.kinds = vocabulary.kinds.map { _ in 99 }
        #expect(try vocabulary.tokenizer().encode("a", addSpecialTokens: false) == [97])
        vocabulary.kinds = []
        #expect(try vocabulary.tokenizer().encode("a", addSpecialTokens: false) == [97])
    }

    @Test func aNumberOutsideTheVocabularyHasNoText() throws {
        let tokenizer = try SyntheticVocabulary.bytePair().tokenizer()
        #expect(tokenizer.bytes(of: 256) == [])
        #expect(tokenizer.bytes(of: .max) == [])
        #expect(!tokenizer.isSpecial(.max))
        #expect(tokenizer.decode([97, 256, 98], skipSpecialTokens: false) == "ab")
    }

    @Test func aTokenIsFoundByItsSpelling() throws {
        let tokenizer = try SyntheticVocabulary.bytePair().tokenizer()
        #expect(tokenizer.token(for: "a") == 97)
        #expect(tokenizer.token(for: "Ġ") == 32)
        #expect(tokenizer.token(for: "ab") == nil)
        #expect(tokenizer.token(for: "") == nil)
    }

    /// Random files: whatever they hold, loading throws or gives a tokenizer that works.
    @Test(arguments: 0..<100 as Range<UInt64>)
    func aRandomVocabularyLoadsOrIsRefused(seed: UInt64) throws {
        var random = TokenizerRandom(seed: seed)
        var vocabulary = SyntheticVocabulary(
            model: Bool.random(using: &random) ? "gpt2" : "llama"
        )
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            let text = random.string(of: "ab▁ Ġé<0x1>", upTo: 4)
            vocabulary.add(text, kind: .random(in: -1...7, using: &random))
            vocabulary.merges.append(random.string(of: "ab Ġé ", upTo: 5))
        }
        vocabulary.integers["unknown_token_id"] = .random(in: -1...60, using: &random)
        guard let tokenizer = try? vocabulary.tokenizer() else {
            #expect(vocabulary.tokens.isEmpty, "seed \(seed)")
            return
        }
        let tokens = tokenizer.encode(
            random.string(of: "ab▁ Ġé<0x1>\n", upTo: 200),
            addSpecialTokens: true
        )
        #expect(tokens.allSatisfy { $0 < tokenizer.vocabularySize }, "seed \(seed)")
        _ = tokenizer.decode(tokens, skipSpecialTokens: false)
    }
}
