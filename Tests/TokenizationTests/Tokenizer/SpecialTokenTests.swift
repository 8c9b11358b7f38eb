import Testing
import Tokenization

struct SpecialTokenTests {
    private func vocabulary(_ specials: [(String, Int32)]) -> SyntheticVocabulary {
        var vocabulary = SyntheticVocabulary.bytePair()
        for (text, kind) in specials { vocabulary.add(text, kind: kind) }
        return vocabulary
    }

    @Test func ofSpecialTokensAtOnePlaceTheLongestIsTaken() throws {
        let vocabulary = vocabulary([("<a", 3), ("<ab>", 3), ("<ab", 3)])
        let tokens = try vocabulary.tokenizer().encode("<ab><ab<a<", addSpecialTokens: false)
        #expect(tokens.map { vocabulary.tokens[Int($0)] } == ["<ab>", "<ab", "<a", "<"])
    }

    /// After `<|en` the trie has no way on; the match that begins within must still be found.
    @Test func aMatchWithinAFailedMatchIsFound() throws {
        let vocabulary = vocabulary([("<|end|>", 3), ("|e", 3)])
        let tokens = try vocabulary.tokenizer().encode("<|en<|end|>", addSpecialTokens: false)
        #expect(tokens.map { vocabulary.tokens[Int($0)] } == ["<", "|e", "n", "<|end|>"])
    }

    @Test func userDefinedTokensAreCutOutEvenWhenSpecialOnesAreNotParsed() throws {
        let vocabulary = vocabulary([("<user>", 4), ("<user>>", 3)])
        let tokenizer = try vocabulary.tokenizer()
        func spellings(parse: Bool) -> [String] {
            tokenizer.encode("<user>>", addSpecialTokens: false, parseSpecialTokens: parse)
                .map { vocabulary.tokens[Int($0)] }
        }
        #expect(spellings(parse: true) == ["<user>>"])
        #expect(spellings(parse: false) == ["<user>", ">"])
    }

    @Test func specialTokensAreSkippedInDecodingAndUserDefinedOnesAreNot() throws {
        let vocabulary = vocabulary([("<c>", 3), ("<u>", 4), ("<k>", 2)])
        let tokenizer = try vocabulary.tokenizer()
        let tokens = tokenizer.encode("a<c>é<u><k>b", addSpecialTokens: false)
        #expect(tokens.map(tokenizer.isSpecial) == [false, true, false, false, false, true, false])
        #expect(tokenizer.decode(tokens, skipSpecialTokens: true) == "aé<u>b")
        #expect(tokenizer.decode(tokens, skipSpecialTokens: false) == "a<c>é<u><k>b")
        #expect(tokenizer.bytes(of: tokens[1]) == Array("<c>".utf8))
    }

    @Test func beginAndEndAreAddedAsTheFileSays() throws {
        for (begins, ends) in [(true, true), (true, false), (false, true), (false, false)] {
            var vocabulary = vocabulary([("<b>", 3), ("<e>", 3)])
            vocabulary.integers = ["bos_token_id": 256, "eos_token_id": 257]
            vocabulary.flags = ["add_bos_token": begins, "add_eos_token": ends]
            let tokenizer = try vocabulary.tokenizer()
            let expected = (begins ? [256] : []) + [97] + (ends ? [257] : [])
            #expect(tokenizer.encode("a", addSpecialTokens: true) == expected.map(UInt32.init))
            #expect(tokenizer.encode("a", addSpecialTokens: false) == [97])
            #expect(tokenizer.addsBeginningOfSequence == begins)
            #expect(tokenizer.addsEndOfSequence == ends)
        }
    }

    @Test func whereTheFileDoesNotSayThePreTokenizerDecidesOnTheBegin() throws {
        for (name, begins) in [("llama-bpe", true), ("tekken", true), ("qwen2", false)] {
            var vocabulary = vocabulary([("<b>", 3)])
            vocabulary.preTokenizer = name
            vocabulary.integers = ["bos_token_id": 256]
            #expect(try vocabulary.tokenizer().addsBeginningOfSequence == begins, "\(name)")
        }
    }

    @Test func everyKnownEndOfGenerationIsFound() throws {
        var vocabulary = vocabulary([
            ("<e>", 3), ("<turn>", 3), ("<message>", 3), ("<|im_end|>", 3),
        ])
        vocabulary.integers = ["eos_token_id": 256, "eot_token_id": 257, "eom_token_id": 258]
        #expect(try vocabulary.tokenizer().endOfGeneration == [256, 257, 258, 259])
    }

    @Test func anEndOfGenerationIsSpecialWhateverItsTypeSays() throws {
        let vocabulary = vocabulary([("<|im_end|>", 1)])
        let tokenizer = try vocabulary.tokenizer()
        #expect(tokenizer.isSpecial(256))
        #expect(tokenizer.encode("<|im_end|>", addSpecialTokens: false) == [256])
    }

    @Test func theEndOfAMessageDoesNotEndAModelThatSpeaksInChannels() throws {
        let names: [(String, Int32)] = [("<|return|>", 3), ("<|call|>", 3), ("<|end|>", 3)]
        #expect(try vocabulary(names).tokenizer().endOfGeneration == [256, 257])
        #expect(try vocabulary([("<|end|>", 3)]).tokenizer().endOfGeneration == [256])
    }
}
