import Checkpoints
import Foundation
import Grammars
import Testing
import Tokenization

/// The cost of masks over vocabularies of the real size. `PUMICE_FIGURES=1` prints it.
@Suite struct RealVocabularyTests {
    static let schema = """
        {"type": "object", "properties": {
         "name": {"type": "string"}, "email": {"type": "string", "format": "email"},
         "age": {"type": "integer", "minimum": 0, "maximum": 150},
         "bio": {"type": "string", "maxLength": 2000},
         "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 8},
         "address": {"type": "object", "properties": {"street": {"type": "string"},
          "zip": {"type": "string", "pattern": "^[0-9]{5}$"}}, "required": ["street", "zip"]},
         "children": {"type": "array", "items": {"$ref": "#"}},
         "score": {"type": "number"}, "extra": {}},
         "required": ["name", "age", "bio", "tags", "address"]}
        """

    @Test(.enabled(if: Self.modelPath != nil, "PUMICE_TEST_MODEL names no GGUF file"))
    func masksOverTheTestModelsVocabularyAreCheap() throws {
        let file = try GGUFFile(path: try #require(Self.modelPath))
        let tokenizer = try Tokenizer(metadata: file.metadata)
        let texts = (0..<UInt32(tokenizer.vocabularySize)).map {
            tokenizer.isSpecial($0) ? [] : tokenizer.bytes(of: $0)
        }
        try measure("\(texts.count) tokens", texts, ends: Array(tokenizer.endOfGeneration))
    }

    /// Words, numbers and punctuation, with and without a space before them, like a real one's.
    @Test func masksOverALargeVocabularyAreCheap() throws {
        var generator = SeededGenerator(seed: 1)
        var texts = Set((UInt8.min...UInt8.max).map { [$0] })
        let marks = Array("\"',.:;()[]{}<>/\\-_=+*&^%$#@!?|~` \n\t".utf8)
        let letters = Array("etaoinshrdlucmfwypvbgkqjxzETAOINSHRDLU".utf8)
        while texts.count < 150_000 {
            var text: [UInt8] = generator.oneIn(2) ? [0x20] : []
            let alphabet = generator.oneIn(8) ? marks : letters
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                text.append(alphabet.randomElement(using: &generator) ?? 0x61)
            }
            texts.insert(text)
        }
        let ordered = texts.sorted { $0.lexicographicallyPrecedes($1) } + [[]]
        try measure("150001 tokens", ordered, ends: [150_000])
    }

    private func measure(_ name: String, _ texts: [[UInt8]], ends: [UInt32]) throws {
        let clock = ContinuousClock()
        var trie = TokenTrie([], endTokens: [])
        let building = clock.measure { trie = TokenTrie(texts, endTokens: ends) }
        let schema = try JSONValue(parsing: Self.schema.utf8)
        var grammar = try Grammar(jsonSchema: schema)
        let compiling = try clock.measure { grammar = try Grammar(jsonSchema: schema) }
        let masks = TokenMasks(grammar, trie)
        var cold: [Duration] = []
        var warm: [Duration] = []
        var advancing: [Duration] = []
        for seed in 0..<12 {
            var generator = SeededGenerator(seed: UInt64(seed))
            var text = try ConstrainedText(masks)
            for _ in 0..<120 {
                var mask = TokenSet(tokenCount: 0)
                let time = try clock.measure { mask = try text.allowedTokens() }
                if seed < 6 { cold.append(time) } else { warm.append(time) }
                let allowed = mask.tokens
                let short = allowed.filter { trie.text(of: $0).count == 1 }
                let choices = generator.oneIn(2) && !short.isEmpty ? short : allowed
                let token = try #require(choices.randomElement(using: &generator))
                var isRight = false
                advancing.append(try clock.measure { isRight = try text.advance(token) })
                #expect(isRight)
                if text.hasEnded { break }
            }
        }
        if ProcessInfo.processInfo.environment["PUMICE_FIGURES"] != nil {
            print(
                """
                \(name): trie \(building), schema to \(grammar.stateCount) states in \(compiling)
                  mask of a new grammar \(Self.figures(cold)); used before \(Self.figures(warm)); \
                advance \(Self.figures(advancing))
                """
            )
        }
        // Far above what any machine needs, and far below what every token on its own would take.
        #expect(compiling < .seconds(5))
        #expect(Self.quantile(warm, 0.5) < .milliseconds(50))
    }

    private static func quantile(_ times: [Duration], _ share: Double) -> Duration {
        let sorted = times.sorted()
        return sorted[Int(Double(sorted.count - 1) * share)]
    }

    private static func figures(_ times: [Duration]) -> String {
        "p50 \(quantile(times, 0.5)), p99 \(quantile(times, 0.99)), max \(quantile(times, 1))"
    }

    static let modelPath: String? = ProcessInfo.processInfo.environment["PUMICE_TEST_MODEL"]
        .flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }
}
