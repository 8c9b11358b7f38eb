import Checkpoints
import Tokenization

/// A vocabulary made up for a test, and the metadata of a file that has it.
struct SyntheticVocabulary {
    var model: String
    var preTokenizer: String? = "gpt-2"
    var tokens: [String] = []
    var kinds: [Int32] = []
    var scores: [Float] = []
    var merges: [String] = []
    var integers: [String: Int64] = [:]
    var flags: [String: Bool] = [:]
    var architecture: String?
    /// Keys that the file does not have.
    var omitted: Set<String> = []

    var metadata: Metadata {
        var entries: [Metadata.Entry] = []
        func add(_ key: String, _ value: MetadataValue?) {
            guard let value, !omitted.contains(key) else { return }
            entries.append(Metadata.Entry(key: "tokenizer.ggml." + key, value: value))
        }
        add("model", .string(model))
        add("pre", preTokenizer.map(MetadataValue.string))
        add("tokens", .array(.string(tokens)))
        add("token_type", kinds.isEmpty ? nil : .array(.int32(kinds)))
        add("scores", model == "llama" ? .array(.float32(scores)) : nil)
        add("merges", model == "gpt2" ? .array(.string(merges)) : nil)
        if let architecture {
            entries.append(
                Metadata.Entry(key: "general.architecture", value: .string(architecture))
            )
        }
        for (key, value) in integers { add(key, .int64(value)) }
        for (key, value) in flags { add(key, .bool(value)) }
        return Metadata(entries)
    }

    func tokenizer() throws(TokenizerError) -> Tokenizer { try Tokenizer(metadata: metadata) }

    /// Adds a token and returns its number.
    @discardableResult
    mutating func add(_ text: String, kind: Int32 = 1, score: Float = 0) -> UInt32 {
        tokens.append(text)
        kinds.append(kind)
        scores.append(score)
        return UInt32(tokens.count - 1)
    }

    /// GPT-2's spelling of each byte, as its release defines it.
    static let byteSpellings: [String] = {
        let printable = Array(0x21...0x7E) + Array(0xA1...0xAC) + Array(0xAE...0xFF)
        let others = (0..<256).filter { !printable.contains($0) }
        return (0..<256).map { byte in
            let scalar = others.firstIndex(of: byte).map { 0x100 + $0 } ?? byte
            return String(Unicode.Scalar(UInt32(scalar)) ?? "\u{FFFD}")
        }
    }()

    /// Byte-level BPE with a token for each byte.
    static func bytePair(preTokenizer: String = "gpt-2") -> SyntheticVocabulary {
        var vocabulary = SyntheticVocabulary(
            model: "gpt2",
            preTokenizer: preTokenizer,
            merges: []
        )
        for spelling in byteSpellings { vocabulary.add(spelling) }
        return vocabulary
    }

    /// Adds the merge of two spellings, and its token unless there is one.
    mutating func addMerge(_ left: String, _ right: String) {
        merges.append("\(left) \(right)")
        if !tokens.contains(left + right) { add(left + right) }
    }

    /// Byte-level BPE with `count` random merges of what a text in `alphabet` has.
    static func randomBytePair(
        alphabet: String,
        count: Int,
        preTokenizer: String = "gpt-2",
        using random: inout TokenizerRandom
    ) -> SyntheticVocabulary {
        var vocabulary = bytePair(preTokenizer: preTokenizer)
        var parts = Set(alphabet.utf8).sorted().map { byteSpellings[Int($0)] }
        for _ in 0..<count {
            let left = random.element(of: parts)
            let right = random.element(of: parts)
            if vocabulary.merges.contains("\(left) \(right)") { continue }
            vocabulary.addMerge(left, right)
            if !parts.contains(left + right) { parts.append(left + right) }
        }
        return vocabulary
    }

    /// SentencePiece with control tokens, a token for each byte, and none else.
    static func sentencePiece(addsSpacePrefix: Bool = false) -> SyntheticVocabulary {
        var vocabulary = SyntheticVocabulary(model: "llama")
        vocabulary.add("<unk>", kind: 2)
        vocabulary.add("<s>", kind: 3)
        vocabulary.add("</s>", kind: 3)
        for byte in 0..<256 {
            let digits = String(byte, radix: 16, uppercase: true)
            vocabulary.add("<0x\(digits.count < 2 ? "0" : "")\(digits)>", kind: 6)
        }
        vocabulary.integers = ["unknown_token_id": 0, "bos_token_id": 1, "eos_token_id": 2]
        vocabulary.flags["add_space_prefix"] = addsSpacePrefix
        return vocabulary
    }

    /// SentencePiece with random pieces of `alphabet`, scored so coarsely that many scores are
    /// equal.
    static func randomSentencePiece(
        alphabet: String,
        count: Int,
        using random: inout TokenizerRandom
    ) -> SyntheticVocabulary {
        var vocabulary = sentencePiece()
        var parts = alphabet.unicodeScalars.map(String.init)
        // A few characters have no token, and are still part of larger ones.
        for part in parts.dropFirst(2) { vocabulary.add(part, score: -100) }
        for _ in 0..<count {
            let part = random.element(of: parts) + random.element(of: parts)
            if parts.contains(part) { continue }
            parts.append(part)
            vocabulary.add(part, score: Float(Int.random(in: -9 ... -1, using: &random)))
        }
        return vocabulary
    }
}
