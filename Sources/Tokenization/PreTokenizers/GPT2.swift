extension PreTokenizer {
    /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
    ///
    /// A file without a name, or with `default`, was converted from a tokenizer that the converter
    /// did not know; this is the most likely one.
    static let gpt2 = PreTokenizer(names: ["gpt-2", "default", "phi-2"]) { text, start in
        text.contraction(at: start, ignoresCase: false)
            ?? text.spaced(.letter, at: start)
            ?? text.spaced(.number, at: start)
            ?? text.spacedSymbols(at: start)
            ?? text.whitespace(at: start)
            ?? start + 1
    }
}
