import Checkpoints
import Foundation
import Grammars
import Testing
import Tokenization

/// The same random schemas over a real model's vocabulary, judged by Python's `jsonschema`:
/// whatever ends by itself satisfies its schema, however it was sampled.
@Suite struct PythonConformanceTests {
    static let sampleCount = 3
    static let schemaCount = 200

    @Test(
        .enabled(
            if: RealVocabularyTests.modelPath != nil && python != nil,
            "PUMICE_TEST_MODEL and PUMICE_PYTHON name no GGUF file and no Python with jsonschema"
        )
    )
    func everyFinishedOutputSatisfiesItsSchema() throws {
        let trie = try Self.modelVocabulary()
        var lines: [String] = []
        var finished = 0
        for seed in 0..<UInt64(Self.schemaCount) {
            var random = RandomSchema(seed: seed)
            let schema = random.document()
            let masks = TokenMasks(try Grammar(jsonSchema: schema), trie)
            var documents: [Grammars.JSONValue] = []
            for sample in 0..<Self.sampleCount {
                var sampler = Sampler(seed: seed << 8 | UInt64(sample))
                if let output = try sampler.output(from: masks) {
                    documents.append(.string(String(decoding: output, as: UTF8.self)))
                }
            }
            finished += documents.count
            let line = Grammars.JSONValue.object([
                .init("seed", .number("\(seed)")), .init("schema", schema),
                .init("documents", .array(documents)),
            ])
            lines.append(line.text)
        }
        #expect(
            finished > Self.schemaCount * Self.sampleCount * 3 / 4,
            "only \(finished) outputs ended"
        )
        let verdict = try Self.judged(lines)
        #expect(verdict == "\(finished) judged, 0 wrong\n")
    }

    static let python = ProcessInfo.processInfo.environment["PUMICE_PYTHON"]

    private static func modelVocabulary() throws -> TokenTrie {
        let path = try #require(RealVocabularyTests.modelPath)
        let tokenizer = try Tokenizer(metadata: GGUFFile(path: path).metadata)
        let texts = (0..<UInt32(tokenizer.vocabularySize)).map {
            tokenizer.isSpecial($0) ? [] : tokenizer.bytes(of: $0)
        }
        return TokenTrie(texts, endTokens: tokenizer.endOfGeneration)
    }

    /// What the judge says. Files rather than pipes, which would have to be read while written.
    private static func judged(_ lines: [String]) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "pumice-conformance-\(UUID().uuidString)"
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (input, output) = (folder.appending(path: "in"), folder.appending(path: "out"))
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: input)
        try Data().write(to: output)
        let process = Process()
        process.executableURL = URL(filePath: try #require(python))
        let script = URL(filePath: #filePath).deletingLastPathComponent()
        process.arguments = [script.appending(path: "validate.py").path]
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try String(contentsOf: output, encoding: .utf8)
    }
}

/// Draws tokens under masks in one of several manners, from texts that close what they opened to
/// pure chance.
private struct Sampler {
    private static let tokenLimit = 300
    private static let closing = Set("\"}],".utf8)
    private var generator: SeededGenerator
    /// Once in how many draws any allowed token is taken; else one that closes, if there is one.
    private let boldness: Int

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
        boldness = [2, 3, 5, 12].randomElement(using: &generator) ?? 3
    }

    /// A text that ended by itself; nil if it was cut off.
    mutating func output(from masks: TokenMasks) throws -> [UInt8]? {
        var text = try ConstrainedText(masks)
        var output: [UInt8] = []
        for _ in 0..<Self.tokenLimit {
            let allowed = try text.allowedTokens().tokens
            var choices = allowed
            if !generator.oneIn(boldness) {
                let closers = allowed.filter {
                    masks.trie.text(of: $0).allSatisfy(Self.closing.contains)
                }
                if !closers.isEmpty { choices = closers }
            }
            guard let token = choices.randomElement(using: &generator) else {
                Issue.record("no token is allowed after \(String(decoding: output, as: UTF8.self))")
                return nil
            }
            #expect(try text.advance(token))
            if text.hasEnded { return output }
            output += masks.trie.text(of: token)
        }
        return nil
    }
}
