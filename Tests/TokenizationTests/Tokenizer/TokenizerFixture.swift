import Checkpoints
import Foundation
import Testing
import Tokenization

/// The files that tokenizer tests read: goldens beside the tests, and models and shared references
/// where this machine has them.
enum TokenizerFixture {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let repository = tests.deletingLastPathComponent().deletingLastPathComponent()

    static let smolLM2 = existing(
        "PUMICE_TEST_MODEL",
        ".models/SmolLM2-135M-Instruct.Q4_1.gguf"
    )
    static let gemma3 = existing("PUMICE_TEST_GEMMA_MODEL", ".models/gemma-3-270m-q4_k_m.gguf")
    static let shared = existing("PUMICE_SHARED", "../shared")

    static let noSmolLM2: Comment = "no SmolLM2: set PUMICE_TEST_MODEL to its GGUF file"
    static let noGemma3: Comment = "no Gemma 3: set PUMICE_TEST_GEMMA_MODEL to its GGUF file"
    static let noShared: Comment = "no shared references: set PUMICE_SHARED to their folder"

    private static func existing(_ variable: String, _ path: String) -> String? {
        let named = ProcessInfo.processInfo.environment[variable]
        let found = named ?? repository.appending(path: path).standardizedFileURL.path()
        return FileManager.default.fileExists(atPath: found) ? found : nil
    }

    /// The models' tokenizers, loaded once for all tests.
    static let smolLM2Tokenizer = Result { try load(smolLM2) }
    static let gemma3Tokenizer = Result { try load(gemma3) }

    private static func load(_ path: String?) throws -> Tokenizer {
        try Tokenizer(metadata: GGUFFile(path: try #require(path)).metadata)
    }

    /// A golden of `make_tokenizer_goldens.py`.
    static func golden<T: Decodable>(_ name: String, as type: T.Type) throws -> T {
        let file = tests.appending(path: "Goldens").appending(path: name)
        return try JSONDecoder().decode(type, from: Data(contentsOf: file))
    }

    /// A reference output of a whole model.
    struct Reference: Decodable {
        struct Item: Decodable {
            let name: String
            let text: String
            let token_ids: [UInt32]
        }
        let items: [Item]
    }

    static func reference(_ name: String) throws -> Reference {
        let file = URL(filePath: try #require(shared)).appending(path: "golden/\(name)")
        return try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    }
}

/// SplitMix64 (Steele et al. 2014): the same numbers from the same seed everywhere.
struct TokenizerRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// One of the elements, of which there must be one.
    mutating func element<T>(of elements: [T]) -> T {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    /// A string of up to `count` scalars from `alphabet`.
    mutating func string(of alphabet: String, upTo count: Int) -> String {
        let scalars = Array(alphabet.unicodeScalars)
        var string = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...count, using: &self) {
            string.append(element(of: scalars))
        }
        return String(string)
    }

    /// A string of up to `count` scalars from all of Unicode, half of them ASCII.
    mutating func anyString(upTo count: Int) -> String {
        var string = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...count, using: &self) {
            let limit: UInt32 = Bool.random(using: &self) ? 0x7F : 0x10FFFF
            string.append(Unicode.Scalar(.random(in: 0...limit, using: &self)) ?? "\u{FFFD}")
        }
        return String(string)
    }
}
