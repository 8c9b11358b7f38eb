import Foundation
import Grammars
import Testing

/// Random schemas and random samplers: whatever ends by itself is valid, and what is valid fits.
@Suite struct ConformanceTests {
    static let schemaCount = 500

    @Test func everyFinishedOutputIsValidJSONThatSatisfiesItsSchema() throws {
        var finished = 0
        for seed in 0..<UInt64(Self.schemaCount) {
            var random = RandomSchema(seed: seed)
            let schema = random.document()
            let masks = TokenMasks(try Grammar(jsonSchema: schema), TokenMaskTests.vocabulary)
            for sample in 0..<3 {
                var generator = SeededGenerator(seed: seed << 8 | UInt64(sample))
                let output = try sampled(from: masks, with: &generator)
                guard let output else { continue }
                finished += 1
                let value = try #require(
                    try? JSONValue(parsing: output),
                    "seed \(seed): \(String(decoding: output, as: UTF8.self))"
                )
                #expect(
                    try SchemaValidator(root: schema).isValid(value, schema),
                    "seed \(seed): \(value.text) against \(schema.text)"
                )
                #expect(throws: Never.self, "seed \(seed): \(value.text)") {
                    try JSONSerialization.jsonObject(
                        with: Data(output),
                        options: .fragmentsAllowed
                    )
                }
            }
        }
        #expect(finished > Self.schemaCount * 3 * 9 / 10, "only \(finished) outputs ended")
    }

    @Test func everyValueThatSatisfiesASchemaFits() throws {
        for seed in 0..<UInt64(Self.schemaCount) {
            var random = RandomSchema(seed: seed)
            let schema = random.document()
            let grammar = try Grammar(jsonSchema: schema)
            var instance = SchemaInstance(root: schema, generator: random.generator)
            for _ in 0..<5 {
                let value = instance.value(of: schema)
                #expect(
                    try SchemaValidator(root: schema).isValid(value, schema),
                    "seed \(seed), the test itself: \(value.text) against \(schema.text)"
                )
                for text in [value.text, value.text(indentation: nil), value.text(indentation: 2)] {
                    #expect(
                        try accepts(grammar, text),
                        "seed \(seed): \(text) against \(schema.text)"
                    )
                }
            }
        }
    }

    /// An output from the masks, or nil if it did not end within its budget. Half of the time a
    /// token is taken that closes something, or random text would hardly ever end.
    private func sampled(
        from masks: TokenMasks,
        with generator: inout SeededGenerator
    ) throws -> [UInt8]? {
        let closing = Set("\"}],".utf8)
        var matcher = try Matcher(masks.grammar)
        var output: [UInt8] = []
        for _ in 0..<400 {
            let allowed = try masks.mask(for: matcher).tokens
            var choices = allowed
            if !generator.oneIn(3) {
                let closers = allowed.filter {
                    masks.trie.text(of: $0).allSatisfy(closing.contains)
                }
                if !closers.isEmpty { choices = closers }
            }
            guard let token = choices.randomElement(using: &generator) else {
                Issue.record("no token is allowed after \(String(decoding: output, as: UTF8.self))")
                return nil
            }
            if masks.trie.endTokens.contains(token) { return output }
            #expect(try matcher.advance(masks.trie.text(of: token)))
            output += masks.trie.text(of: token)
        }
        return nil
    }
}
