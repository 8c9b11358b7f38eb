extension PreTokenizer {
    /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}`
    /// `| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, of Llama 3.
    static let llamaBPE = PreTokenizer(
        names: ["llama-bpe", "llama3", "llama-v3", "falcon3", "lfm2", "pixtral"],
        ignoresMergesForWholeWords: true,
        addsBeginningOfSequence: true
    ) { text, start in
        text.llamaWord(at: start, numberLimit: 3)
    }
}

extension ScalarText {
    /// The word at `start` by Llama 3's expression, with numbers of at most `numberLimit` digits.
    func llamaWord(at start: Int, numberLimit: Int) -> Int {
        contraction(at: start, ignoresCase: true)
            ?? prefixedLetters(at: start)
            ?? numbers(at: start, limit: numberLimit)
            ?? spacedSymbols(at: start, trailing: .newline)
            ?? lineBreaks(at: start)
            ?? whitespace(at: start)
            ?? start + 1
    }
}
