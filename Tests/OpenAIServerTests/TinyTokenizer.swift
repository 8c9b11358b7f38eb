import Checkpoints
import Tokenization

/// A tokenizer small enough to read: the 256 bytes are the tokens 0 to 255, then come a few more.
enum TinyTokenizer {
    static let endOfText: UInt32 = 256
    static let turnStart: UInt32 = 257
    static let turnEnd: UInt32 = 258
    static let hello: UInt32 = 259
    static let world: UInt32 = 260
    /// The first two bytes of an emoji (🌋, F0 9F 8C 8B) and the last two.
    static let volcanoStart: UInt32 = 261
    static let volcanoEnd: UInt32 = 262
    static let vocabularySize = 263

    static func make() throws -> Tokenizer {
        let words = ["hello", " world"].map { spelling(Array($0.utf8)) }
        let halves = [[0xF0, 0x9F], [0x8C, 0x8B]].map { spelling($0) }
        let tokens =
            (0...255).map { spelling([UInt8($0)]) } + [
                "<|endoftext|>", "<|im_start|>", "<|im_end|>",
            ]
            + words + halves
        let control: Int32 = 3
        let types = tokens.indices.map { (256...258).contains($0) ? control : 1 }
        return try Tokenizer(
            metadata: Metadata([
                .init(key: "tokenizer.ggml.model", value: .string("gpt2")),
                .init(key: "tokenizer.ggml.pre", value: .string("gpt-2")),
                .init(key: "tokenizer.ggml.tokens", value: .array(.string(tokens))),
                .init(key: "tokenizer.ggml.token_type", value: .array(.int32(types))),
                .init(key: "tokenizer.ggml.merges", value: .array(.string([]))),
                .init(key: "tokenizer.ggml.eos_token_id", value: .uint32(turnEnd)),
            ])
        )
    }

    /// Bytes in GPT-2's alphabet: the printable ones stand for themselves.
    private static func spelling(_ bytes: [UInt8]) -> String {
        var text = ""
        for byte in bytes {
            text.unicodeScalars.append(alphabet[Int(byte)])
        }
        return text
    }

    private static let alphabet: [Unicode.Scalar] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            let isPrintable =
                (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte)
                || (0xAE...0xFF).contains(byte)
            if isPrintable { return Unicode.Scalar(UInt8(byte)) }
            defer { next += 1 }
            return Unicode.Scalar(next) ?? " "
        }
    }()
}
