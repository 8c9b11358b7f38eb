import Testing
import Tokenization

struct SentencePieceTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func textsMergeAsInTheSlowWay(seed: UInt64) throws {
        var random = TokenizerRandom(seed: seed)
        let alphabet = seed.isMultiple(of: 2) ? "€éab" : "€éabc▁"
        let vocabulary = SyntheticVocabulary.randomSentencePiece(
            alphabet: alphabet,
            count: 60,
            using: &random
        )
        let tokenizer = try vocabulary.tokenizer()
        for _ in 0..<20 {
            let text = random.string(of: alphabet + " 語", upTo: 50)
            #expect(
                tokenizer.encode(text, addSpecialTokens: false)
                    == NaiveMerging.sentencePiece(text, vocabulary),
                "seed \(seed): \(text.debugDescription)"
            )
        }
    }

    @Test(arguments: [false, true])
    func decodingGivesTheTextBack(addsSpacePrefix: Bool) throws {
        var random = TokenizerRandom(seed: 3)
        var vocabulary = SyntheticVocabulary.randomSentencePiece(
            alphabet: "€éab▁",
            count: 100,
            using: &random
        )
        vocabulary.flags["add_space_prefix"] = addsSpacePrefix
        let tokenizer = try vocabulary.tokenizer()
        for _ in 0..<200 {
            let text = random.string(of: "€éab  \n語👍\u{FFFD}", upTo: 60)
            let tokens = tokenizer.encode(text, addSpecialTokens: true)
            #expect(tokens.first == 1)
            #expect(tokenizer.decode(tokens, skipSpecialTokens: true) == text)
        }
    }

    @Test func aCharacterWithoutATokenIsSpelledInBytes() throws {
        let vocabulary = SyntheticVocabulary.sentencePiece()
        let tokens = try vocabulary.tokenizer().encode("é\n", addSpecialTokens: false)
        #expect(tokens.map { vocabulary.tokens[Int($0)] } == ["<0xC3>", "<0xA9>", "<0x0A>"])
    }

    @Test func aByteWithoutATokenIsTheUnknownToken() throws {
        var vocabulary = SyntheticVocabulary(model: "llama")
        vocabulary.add("<unk>", kind: 2)
        vocabulary.add("a")
        vocabulary.integers["unknown_token_id"] = 0
        vocabulary.flags["add_space_prefix"] = false
        let tokens = try vocabulary.tokenizer().encode("aéa", addSpecialTokens: false)
        #expect(tokens == [1, 0, 0, 1])
    }

    @Test func theHighestScoreMergesFirstAndOfEqualOnesTheLeftmost() throws {
        var vocabulary = SyntheticVocabulary.sentencePiece()
        for (piece, score) in [("a", -9), ("b", -9), ("c", -9), ("ab", -2), ("bc", -1), ("aa", -1)]
        {
            vocabulary.add(piece, score: Float(score))
        }
        let tokenizer = try vocabulary.tokenizer()
        func pieces(_ text: String) -> [String] {
            tokenizer.encode(text, addSpecialTokens: false).map { vocabulary.tokens[Int($0)] }
        }
        #expect(pieces("abc") == ["a", "bc"])
        #expect(pieces("aaa") == ["aa", "a"])
    }

    @Test func aSpaceIsPutBeforeTheTextAndAfterSpecialTokens() throws {
        var vocabulary = SyntheticVocabulary.sentencePiece(addsSpacePrefix: true)
        vocabulary.add("▁", score: -1)
        vocabulary.add("a", score: -1)
        vocabulary.add("▁a", score: 0)
        let tokenizer = try vocabulary.tokenizer()
        let tokens = tokenizer.encode("a</s>a a", addSpecialTokens: true)
        #expect(
            tokens.map { vocabulary.tokens[Int($0)] } == ["<s>", "▁a", "</s>", "▁a", "▁a"]
        )
        #expect(tokenizer.decode(tokens, skipSpecialTokens: true) == "a a a")
    }

    @Test func reservedTokensCannotBeWritten() throws {
        var vocabulary = SyntheticVocabulary.sentencePiece()
        for piece in ["<", "s", ">", "<s", "0", "x", "A", "<0", "<0x", "<0x0", "<0x0A"] {
            vocabulary.add(piece, score: 1)
        }
        let tokenizer = try vocabulary.tokenizer()
        for text in ["<s>", "<0x0A>"] {
            let tokens = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
            #expect(tokens.count > 1)
            #expect(tokenizer.decode(tokens, skipSpecialTokens: false) == text)
        }
    }

    /// NaN, infinities and both zeros: a file may have them.
    @Test func oddScoresStillGiveATokenizer() throws {
        var vocabulary = SyntheticVocabulary.sentencePiece()
        for (piece, score) in [
            ("ab", Float.nan), ("bc", -.infinity), ("cd", .infinity), ("de", -0.0), ("ef", 0),
        ] { vocabulary.add(piece, score: score) }
        let tokenizer = try vocabulary.tokenizer()
        for text in ["ab", "abc", "abcdef", "def"] {
            let tokens = tokenizer.encode(text, addSpecialTokens: false)
            #expect(tokenizer.decode(tokens, skipSpecialTokens: false) == text)
        }
        let equal = tokenizer.encode("def", addSpecialTokens: false)
        #expect(vocabulary.tokens[Int(equal[0])] == "de")
        let nan = tokenizer.encode("abc", addSpecialTokens: false)
        #expect(vocabulary.tokens[Int(try #require(nan.last))] == "bc")
    }
}
