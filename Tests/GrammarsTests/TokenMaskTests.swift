import Grammars
import Testing

/// The masks, which come from a trie and shared states, against trying every token.
@Suite struct TokenMaskTests {
    /// All bytes, and pieces that run over the ends of JSON's parts.
    static let vocabulary: TokenTrie = {
        var texts = (UInt8.min...UInt8.max).map { [$0] }
        let pieces = [
            "\",\"", "\":", "\": ", "\"}", "\"}]", "\"]", "},{", "}}", "]]", "[[", "[\"", "{\"",
            "true", "false", "null", "nul", "tr", "12", "345", "-1", "0.5", "1e", ",\n  ", "\n    ",
            "  ", " \"", "abc", "hello world", "a\"", "ab\",", "\\n", "\\u", "\\u00", "é", "😀",
            "name", "\"name\":", "\"a\": 1", ", ", ": [", "1,2", "1]", "1}", "2]}", "\"a\",\"b\"",
            "name\":\"x\",\"", "1,\"", "\"a", "\"\"", "aaaaaaaaaaaaaaaa",
        ]
        texts += pieces.map { Array($0.utf8) }
        texts += [[], [], Array("abc".utf8)]  // special tokens have no text; two with one text
        let count = UInt32(texts.count)
        return TokenTrie(texts, endTokens: [count - 3])
    }()

    static let schemas = [
        "true", #"{"type": "object"}"#, #"{"type": "string", "minLength": 3, "maxLength": 40}"#,
        #"{"type": "array", "items": {"type": "string", "maxLength": 5}, "minItems": 2}"#,
        #"{"properties": {"name": {"type": "string"}, "a": {"type": "integer"}}}"#,
        #"{"type": "array", "items": {"type": "array", "items": {"enum": ["a", "b", 1]}, "#
            + #""maxItems": 3}, "maxItems": 3}"#,
        #"{"anyOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, "#
            + #"{"properties": {"a": {"type": "string"}}, "required": ["a"]}]}"#,
        #"{"type": "number", "minimum": 1.5}"#,
        ##"{"type": "object", "additionalProperties": {"$ref": "#"}}"##,
    ]

    @Test(arguments: schemas)
    func aMaskHasTheTokensThatFitAndNoOthers(text: String) throws {
        let vocabulary = Self.vocabulary
        let masks = TokenMasks(try grammar(schema: text), vocabulary)
        for seed in 0..<20 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var matcher = try Matcher(masks.grammar)
            for _ in 0..<60 {
                let mask = try masks.mask(for: matcher)
                #expect(mask == (try slowMask(for: matcher, vocabulary)), "seed \(seed)")
                let next = mask.tokens.filter { !vocabulary.text(of: $0).isEmpty }
                guard let token = next.randomElement(using: &generator) else { break }
                #expect(try matcher.advance(vocabulary.text(of: token)))
            }
        }
    }

    @Test func endTokensAreAllowedExactlyWhereTheTextMayEnd() throws {
        let end = try #require(Self.vocabulary.endTokens.first)
        let masks = TokenMasks(try Grammar(regex: "ab?"), Self.vocabulary)
        var matcher = try Matcher(masks.grammar)
        #expect(try !masks.mask(for: matcher).contains(end))
        #expect(try matcher.advance("a".utf8))
        #expect(try masks.mask(for: matcher).contains(end))
        #expect(try matcher.advance("b".utf8))
        #expect(try masks.mask(for: matcher).tokens == [end])
    }

    /// Every token tried on its own.
    private func slowMask(
        for matcher: Matcher,
        _ vocabulary: TokenTrie
    ) throws -> TokenSet {
        var mask = TokenSet(tokenCount: vocabulary.tokenCount)
        for token in 0..<UInt32(vocabulary.tokenCount) {
            let text = vocabulary.text(of: token)
            if vocabulary.endTokens.contains(token) {
                if matcher.mayEnd { mask.insert(token) }
            } else if !text.isEmpty {
                var copy = matcher
                if try copy.advance(text) { mask.insert(token) }
            }
        }
        return mask
    }
}
