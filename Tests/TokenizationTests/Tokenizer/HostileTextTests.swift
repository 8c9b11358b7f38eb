import Testing
import Tokenization

/// Texts on which a quadratic tokenizer takes many minutes. The limit is far above what these take
/// (seconds), to tell a wrong algorithm from a slow machine.
@Suite(.timeLimit(.minutes(2)))
struct HostileTextTests {
    static let byteCount = 400_000

    static let patterns = [
        "a", "A", " ", "\n", "\t\n ", "👍", "👩‍👩‍👧‍👦", "\u{FFFD}", "\u{301}", "ʰA", "aB",
        "'", "'l", "1", "/\n", "<|im_start|", "<", "ab ", "é", "中", "!",
    ]

    @Test(arguments: PreTokenizer.all.map(\.names[0]))
    func bytePairsOfLongTextsTakeLinearTime(name: String) throws {
        var vocabulary = SyntheticVocabulary.bytePair(preTokenizer: name)
        for byte in ["a", "A", "Ġ", "Ċ", "l", "1"] {
            var part = byte
            for _ in 0..<6 {
                vocabulary.addMerge(part, part)
                part += part
            }
        }
        vocabulary.add("<|im_start|>", kind: 3)
        try check(vocabulary.tokenizer())
    }

    @Test func sentencePiecesOfLongTextsTakeLinearTime() throws {
        var vocabulary = SyntheticVocabulary.sentencePiece()
        for byte in ["a", "A", "▁", "\n", "l", "1"] {
            for length in 1...64 {
                vocabulary.add(String(repeating: byte, count: length), score: Float(-length))
            }
        }
        vocabulary.add("<|im_start|>", kind: 3)
        try check(vocabulary.tokenizer())
    }

    private func check(_ tokenizer: Tokenizer) throws {
        for pattern in Self.patterns {
            let text = String(repeating: pattern, count: Self.byteCount / pattern.utf8.count)
            let tokens = tokenizer.encode(text, addSpecialTokens: false)
            let decoded = tokenizer.decode(tokens, skipSpecialTokens: false)
            #expect(decoded == text, "\(pattern.debugDescription)")
        }
    }

    @Test func aStreamFullOfHalfStopStringsTakesLinearTime() {
        let almost = String(repeating: "a", count: 2000)
        var matcher = StopStringMatcher([almost + "b", almost + "c"])
        var byteCount = 0
        for _ in 0..<80_000 { byteCount += matcher.append("aaaaa").emit.utf8.count }
        byteCount += matcher.flush().utf8.count
        #expect(byteCount == Self.byteCount)
    }
}
