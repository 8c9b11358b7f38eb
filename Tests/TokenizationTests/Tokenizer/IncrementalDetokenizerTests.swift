import Testing
import Tokenization

struct IncrementalDetokenizerTests {
    private func pieces(
        _ tokens: [UInt32],
        _ tokenizer: Tokenizer,
        skip: Bool = false
    ) -> [String] {
        var detokenizer = IncrementalDetokenizer(tokenizer, skipSpecialTokens: skip)
        return tokens.map { detokenizer.append($0) } + [detokenizer.finish()]
    }

    /// Tokens 0 to 255 are the bytes, so that random tokens are mostly invalid UTF-8. Bytes are
    /// drawn from the borders of UTF-8's table.
    @Test(arguments: 0..<500 as Range<UInt64>)
    func thePiecesTogetherAreTheWhole(seed: UInt64) throws {
        let tokenizer = try SyntheticVocabulary.bytePair().tokenizer()
        var random = TokenizerRandom(seed: seed)
        let borders: [UInt32] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
            0xE1,
            0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        let tokens = (0..<Int.random(in: 0...40, using: &random)).map { _ in
            random.element(of: borders)
        }
        let pieces = pieces(tokens, tokenizer)
        let whole = tokenizer.decode(tokens, skipSpecialTokens: false)
        #expect(pieces.joined().utf8.elementsEqual(whole.utf8), "seed \(seed)")
        let standard = String(decoding: tokens.map(UInt8.init), as: UTF8.self)
        #expect(whole.utf8.elementsEqual(standard.utf8), "seed \(seed)")
    }

    @Test func aCharacterComesWithItsLastByteAndNotBefore() throws {
        let tokenizer = try SyntheticVocabulary.bytePair().tokenizer()
        let tokens = Array("a👍é".utf8).map(UInt32.init)
        #expect(pieces(tokens, tokenizer) == ["a", "", "", "", "👍", "", "é", ""])
    }

    @Test func aBrokenCharacterComesOutAsSoonAsItIsKnownToBeBroken() throws {
        let tokenizer = try SyntheticVocabulary.bytePair().tokenizer()
        #expect(pieces([0xF0, 0x9F, 0x41], tokenizer) == ["", "", "\u{FFFD}A", ""])
        #expect(pieces([0xE2, 0x82], tokenizer) == ["", "", "\u{FFFD}"])
        #expect(pieces([0xFF], tokenizer) == ["\u{FFFD}", ""])
        #expect(pieces([0xC3, 0xC3, 0xA9], tokenizer) == ["", "\u{FFFD}", "é", ""])
    }

    @Test func specialTokensWithinACharacterAreSkippedOrBreakIt() throws {
        var vocabulary = SyntheticVocabulary.bytePair()
        let special = vocabulary.add("<x>", kind: 3)
        let tokenizer = try vocabulary.tokenizer()
        let tokens: [UInt32] = [0xC3, special, 0xA9]
        #expect(pieces(tokens, tokenizer, skip: true).joined() == "é")
        #expect(pieces(tokens, tokenizer).joined() == "\u{FFFD}<x>\u{FFFD}")
        for skip in [true, false] {
            #expect(
                pieces(tokens, tokenizer, skip: skip).joined()
                    == tokenizer.decode(tokens, skipSpecialTokens: skip)
            )
        }
    }

    @Test(arguments: [false, true])
    func theSpaceBeforeATextIsLeftOutOnce(skip: Bool) throws {
        var vocabulary = SyntheticVocabulary.sentencePiece(addsSpacePrefix: true)
        let word = vocabulary.add("▁a")
        let tokenizer = try vocabulary.tokenizer()
        let tokens: [UInt32] = [1, word, word, 2, word]
        let whole = tokenizer.decode(tokens, skipSpecialTokens: skip)
        #expect(whole == (skip ? "a a a" : "<s>a a</s> a"))
        #expect(pieces(tokens, tokenizer, skip: skip).joined() == whole)
    }

    @Test func afterItsEndADetokenizerIsAsNew() throws {
        let tokenizer = try SyntheticVocabulary.bytePair().tokenizer()
        var detokenizer = IncrementalDetokenizer(tokenizer, skipSpecialTokens: false)
        #expect(detokenizer.append(0xC3) == "")
        #expect(detokenizer.finish() == "\u{FFFD}")
        #expect(detokenizer.finish() == "")
        #expect(detokenizer.append(0x41) == "A")
    }
}
