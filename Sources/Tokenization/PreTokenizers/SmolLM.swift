extension PreTokenizer {
    /// `\p{N}`, each a word of its own, and GPT-2's expression on what is between them:
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    static let smolLM = PreTokenizer(names: ["smollm"]) { text, start in
        text.numbers(at: start, limit: 1)
            ?? text.contraction(at: start, ignoresCase: false)
            ?? text.spaced(.letter, at: start)
            ?? text.spacedSymbols(at: start)
            ?? text.whitespace(at: start, wall: .number)
            ?? start + 1
    }
}
