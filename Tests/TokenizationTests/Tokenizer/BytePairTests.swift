import Testing
import Tokenization

struct BytePairTests {
    @Test(arguments: 0..<40 as Range<UInt64>)
    func wordsMergeAsInTheSlowWay(seed: UInt64) throws {
        var random = TokenizerRandom(seed: seed)
        let alphabet = seed.isMultiple(of: 2) ? "ab" : "abcé '"
        let vocabulary = SyntheticVocabulary.randomBytePair(
            alphabet: alphabet,
            count: 40,
            using: &random
        )
        let tokenizer = try vocabulary.tokenizer()
        let preTokenizer = try PreTokenizer.named("gpt-2")
        for _ in 0..<20 {
            let text = random.string(of: alphabet, upTo: 60)
            let expected = preTokenizer.words(of: text).flatMap { word in
                NaiveMerging.bytePair(word, merges: vocabulary.merges)
            }
            let tokens = tokenizer.encode(text, addSpecialTokens: false)
            #expect(
                tokens.map { vocabulary.tokens[Int($0)] } == expected,
                "seed \(seed): \(text.debugDescription)"
            )
        }
    }

    @Test(arguments: PreTokenizer.all.map(\.names[0]))
    func decodingGivesTheTextBack(name: String) throws {
        var random = TokenizerRandom(seed: 7)
        let tokenizer = try SyntheticVocabulary.randomBytePair(
            alphabet: "abcdeé 12\n",
            count: 300,
            preTokenizer: name,
            using: &random
        ).tokenizer()
        for _ in 0..<200 {
            let text = random.anyString(upTo: 80)
            let tokens = tokenizer.encode(text, addSpecialTokens: false)
            #expect(tokenizer.decode(tokens, skipSpecialTokens: true) == text)
        }
    }

    /// `abc` is a token that no merge makes: only pre-tokenizers that take whole words find it.
    @Test func aWholeWordIsItsTokenOnlyWhereThePreTokenizerSaysSo() throws {
        for (name, expected) in [("gpt-2", ["ab", "c"]), ("llama-bpe", ["abc"])] {
            var vocabulary = SyntheticVocabulary.bytePair(preTokenizer: name)
            vocabulary.addMerge("a", "b")
            vocabulary.add("abc")
            let tokens = try vocabulary.tokenizer().encode("abc", addSpecialTokens: false)
            #expect(tokens.map { vocabulary.tokens[Int($0)] } == expected, "\(name)")
        }
    }

    /// `x` + `y` merges before `a` + `x`, so the token `ax` is right for `ax` and not within `axy`.
    @Test func theFirstMergeInTheListGoesFirst() throws {
        var vocabulary = SyntheticVocabulary.bytePair()
        vocabulary.addMerge("x", "y")
        vocabulary.addMerge("a", "x")
        let tokenizer = try vocabulary.tokenizer()
        func spellings(_ text: String) -> [String] {
            tokenizer.encode(text, addSpecialTokens: false).map { vocabulary.tokens[Int($0)] }
        }
        #expect(spellings("ax") == ["ax"])
        #expect(spellings("axy") == ["a", "xy"])
    }

    @Test func mergesOfWhatIsNoTokenAreIgnored() throws {
        var vocabulary = SyntheticVocabulary.bytePair()
        vocabulary.addMerge("a", "b")
        vocabulary.merges += ["ab q!", "zz a", "c d", "", " ", "a", "a  b", "ab "]
        let tokenizer = try vocabulary.tokenizer()
        #expect(tokenizer.encode("abcd", addSpecialTokens: false).count == 3)
    }

    @Test func ofEqualTokensTheFirstIsUsedAndBothDecode() throws {
        var vocabulary = SyntheticVocabulary.bytePair()
        vocabulary.addMerge("a", "b")
        let first = UInt32(vocabulary.tokens.count - 1)
        let second = vocabulary.add("ab")
        let tokenizer = try vocabulary.tokenizer()
        #expect(tokenizer.encode("ab", addSpecialTokens: false) == [first])
        #expect(tokenizer.decode([first, second], skipSpecialTokens: true) == "abab")
    }

    @Test func aByteWithoutATokenIsLeftOut() throws {
        var vocabulary = SyntheticVocabulary.bytePair()
        vocabulary.kinds[Int(UInt8(ascii: "q"))] = 3  // so it is no byte of a text
        vocabulary.integers["unknown_token_id"] = 0
        let tokenizer = try vocabulary.tokenizer()
        let tokens = tokenizer.encode("aqb", addSpecialTokens: false, parseSpecialTokens: false)
        #expect(tokenizer.decode(tokens, skipSpecialTokens: false) == "ab")
    }

    @Test func noMergeLeadsToASpecialToken() throws {
        var vocabulary = SyntheticVocabulary.bytePair()
        vocabulary.addMerge("<", "s")
        vocabulary.addMerge("<s", ">")
        vocabulary.kinds[vocabulary.kinds.count - 1] = 3
        let tokenizer = try vocabulary.tokenizer()
        let tokens = tokenizer.encode("<s>", addSpecialTokens: false, parseSpecialTokens: false)
        #expect(!tokens.contains(where: tokenizer.isSpecial))
        #expect(tokenizer.decode(tokens, skipSpecialTokens: true) == "<s>")
    }
}
