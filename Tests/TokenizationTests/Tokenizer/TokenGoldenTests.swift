import Testing
import Tokenization

/// Token ids by other implementations, on the vocabularies of real models.
struct TokenGoldenTests {
    @Test(
        .enabled(if: TokenizerFixture.smolLM2 != nil, TokenizerFixture.noSmolLM2),
        .enabled(if: TokenizerFixture.shared != nil, TokenizerFixture.noShared)
    )
    func smolLM2TokensAreThoseOfLlamaCpp() throws {
        let tokenizer = try TokenizerFixture.smolLM2Tokenizer.get()
        let items = try TokenizerFixture.reference("smollm2_q4_1.json").items
        #expect(!items.isEmpty)
        for item in items {
            let tokens = tokenizer.encode(item.text, addSpecialTokens: true)
            #expect(tokens == item.token_ids, "\(item.name)")
            #expect(tokenizer.decode(tokens, skipSpecialTokens: false) == item.text)
        }
    }

    @Test(
        .enabled(if: TokenizerFixture.gemma3 != nil, TokenizerFixture.noGemma3),
        .enabled(if: TokenizerFixture.shared != nil, TokenizerFixture.noShared)
    )
    func gemma3TokensAreThoseOfLlamaCpp() throws {
        let tokenizer = try TokenizerFixture.gemma3Tokenizer.get()
        let items = try TokenizerFixture.reference("gemma3_270m_q4_k_m.json").items
        #expect(!items.isEmpty)
        for item in items {
            let tokens = tokenizer.encode(item.text, addSpecialTokens: true)
            #expect(tokens == item.token_ids, "\(item.name)")
            #expect(tokenizer.decode(tokens.dropFirst(), skipSpecialTokens: false) == item.text)
        }
    }

    @Test(.enabled(if: TokenizerFixture.smolLM2 != nil, TokenizerFixture.noSmolLM2))
    func smolLM2TokensOfNastyTextsAreThoseOfHuggingFace() throws {
        let tokenizer = try TokenizerFixture.smolLM2Tokenizer.get()
        let texts = try TokenizerFixture.golden("tokenizer_corpus.json", as: [String].self)
        let golden = try TokenizerFixture.golden("smollm2_ids.json", as: [[UInt32]].self)
        #expect(golden.count == texts.count)
        for (text, expected) in zip(texts, golden) {
            let tokens = tokenizer.encode(text, addSpecialTokens: false)
            #expect(tokens == expected, "\(text.debugDescription)")
        }
    }

    @Test(.enabled(if: TokenizerFixture.gemma3 != nil, TokenizerFixture.noGemma3))
    func gemma3TokensOfNastyTextsAreThoseOfSentencePiece() throws {
        let tokenizer = try TokenizerFixture.gemma3Tokenizer.get()
        let texts = try TokenizerFixture.golden("tokenizer_corpus.json", as: [String].self)
        let golden = try TokenizerFixture.golden("gemma3_ids.json", as: [[UInt32]?].self)
        #expect(golden.count == texts.count)
        for (text, expected) in zip(texts, golden) {
            let tokens = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
            if let expected { #expect(tokens == expected, "\(text.debugDescription)") }
            guard !text.contains("▁") else { continue }  // its token is a space's
            #expect(tokenizer.decode(tokens, skipSpecialTokens: false) == text)
        }
    }

    @Test(.enabled(if: TokenizerFixture.smolLM2 != nil, TokenizerFixture.noSmolLM2))
    func smolLM2KnowsItsSpecialTokens() throws {
        let tokenizer = try TokenizerFixture.smolLM2Tokenizer.get()
        #expect(tokenizer.vocabularySize == 49152)
        #expect(tokenizer.beginningOfSequence == 1)
        #expect(tokenizer.endOfSequence == 2)
        #expect(tokenizer.endOfGeneration == [0, 2, 4])  // as llama.cpp prints
        #expect(!tokenizer.addsBeginningOfSequence)
        #expect(tokenizer.token(for: "<|im_end|>") == 2)
        #expect(tokenizer.isSpecial(2))
        #expect(!tokenizer.isSpecial(504))
        #expect(tokenizer.encode("<|im_end|>", addSpecialTokens: false) == [2])
        let plain = tokenizer.encode(
            "<|im_end|>",
            addSpecialTokens: false,
            parseSpecialTokens: false
        )
        #expect(plain.count > 1 && !plain.contains(where: tokenizer.isSpecial))
        #expect(tokenizer.decode(plain, skipSpecialTokens: true) == "<|im_end|>")
    }

    @Test(.enabled(if: TokenizerFixture.gemma3 != nil, TokenizerFixture.noGemma3))
    func gemma3KnowsItsSpecialTokens() throws {
        let tokenizer = try TokenizerFixture.gemma3Tokenizer.get()
        #expect(tokenizer.vocabularySize == 262_144)
        #expect(tokenizer.beginningOfSequence == 2)
        #expect(tokenizer.endOfGeneration == [1, 106])
        #expect(tokenizer.addsBeginningOfSequence)
        #expect(tokenizer.encode("", addSpecialTokens: true) == [2])
    }
}
