import Grammars
import Testing

@Suite struct GrammarCacheTests {
    @Test func theSameConstraintIsMadeOnce() throws {
        let cache = GrammarCache(TokenMaskTests.vocabulary, capacity: 2)
        let first = try cache.masks(for: .regex("a+"))
        #expect(try cache.masks(for: .regex("a+")) === first)
        #expect(try cache.masks(for: .choice(["a+"])) !== first)
        #expect(cache.count == 2)
    }

    @Test func theOneThatWasNotUsedForLongestIsForgotten() throws {
        let cache = GrammarCache(TokenMaskTests.vocabulary, capacity: 2)
        let kept = try cache.masks(for: .regex("a"))
        let forgotten = try cache.masks(for: .regex("b"))
        _ = try cache.masks(for: .regex("a"))
        _ = try cache.masks(for: .regex("c"))
        #expect(try cache.masks(for: .regex("a")) === kept)
        #expect(try cache.masks(for: .regex("b")) !== forgotten)
        #expect(cache.count == 2)
    }

    @Test func aSchemaThatIsWrongIsNotKept() {
        let cache = GrammarCache(TokenMaskTests.vocabulary)
        #expect(throws: GrammarError.self) { try cache.masks(for: .regex("(")) }
        #expect(cache.count == 0)
    }

    @Test func anOutputEndsWithAnEndTokenAndNotBefore() throws {
        let vocabulary = TokenMaskTests.vocabulary
        let end = try #require(vocabulary.endTokens.first)
        let cache = GrammarCache(vocabulary)
        var text = try ConstrainedText(cache.masks(for: .regex("ab")))
        #expect(try text.forcedBytes() == Array("ab".utf8))
        #expect(try !text.advance(end))
        #expect(try !text.advance(UInt32(UInt8(ascii: "b"))))
        #expect(try text.advance(UInt32(UInt8(ascii: "a"))))
        #expect(!text.mustEnd)
        #expect(try text.advance(UInt32(UInt8(ascii: "b"))))
        #expect(text.mustEnd && !text.hasEnded)
        #expect(try text.allowedTokens().tokens == [end])
        #expect(try text.advance(end))
        #expect(text.hasEnded)
        #expect(try text.allowedTokens().tokens == [end])
        #expect(try !text.advance(UInt32(UInt8(ascii: "a"))))
    }
}
