/// What `tokenizer.json` does to a token's text when tokens become text, as far as it can be done
/// to each token by itself, which streaming needs.
struct TokenDecoder: Sendable {
    /// Whether tokens are spelled in GPT-2's alphabet.
    var isByteLevel = false
    /// Whether `<0xNN>` is a byte.
    var hasBytes = false
    /// Texts and what stands in their place, in order.
    var replacements: [(wanted: [UInt8], replacement: [UInt8])] = []
    var textStart = TokenizerPipeline.TextStart.asItIs

    /// The bytes that a token of this text stands for.
    func bytes(of text: String) -> [UInt8] {
        if hasBytes, let byte = Vocabulary.byte(spelledBy: text) { return [byte] }
        if isByteLevel, let bytes = ByteAlphabet.bytes(spelledBy: text) { return bytes }
        var bytes = Array(text.utf8)
        for (wanted, replacement) in replacements {
            bytes = Self.replaced(bytes, wanted, replacement)
        }
        return bytes
    }

    private static func replaced(
        _ bytes: [UInt8],
        _ wanted: [UInt8],
        _ replacement: [UInt8]
    ) -> [UInt8] {
        var rest = bytes[...]
        var result: [UInt8] = []
        while let first = rest.first {
            if rest.starts(with: wanted) {
                result += replacement
                rest = rest.dropFirst(wanted.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
