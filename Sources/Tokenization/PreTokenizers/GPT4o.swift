extension PreTokenizer {
    /// With `U` for `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]` and `l` for `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`:
    /// `[^\r\n\p{L}\p{N}]?U*l+(?i:'s|'t|'re|'ve|'m|'ll|'d)?`
    /// `|[^\r\n\p{L}\p{N}]?U+l*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}`
    /// `| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`, of GPT-4o, gpt-oss and Llama 4.
    static let gpt4o = PreTokenizer(names: ["gpt-4o", "llama4"]) { text, start in
        if let end = text.casedWord(at: start) {
            guard end < text.count else { return end }
            return text.contraction(at: end, ignoresCase: true) ?? end
        }
        return text.wordBesideLetters(at: start, numberLimit: 3)
    }
}

extension ScalarText {
    /// `[^\r\n\p{L}\p{N}]?U*l+|[^\r\n\p{L}\p{N}]?U+l*`: a word that begins anew where lower case
    /// turns to upper case. A mark may be the prefix or belong to the word; expressions try the
    /// former first.
    func casedWord(at start: Int) -> Int? {
        let prefix = classes[start].isWordPrefix ? start + 1 : nil
        return prefix.flatMap { endsInLower(at: $0) } ?? endsInLower(at: start)
            ?? prefix.flatMap { beginsInUpper(at: $0) } ?? beginsInUpper(at: start)
    }

    /// `U*l+`. Scalars without case are both: where no lower case follows the upper, the match goes
    /// back to the last of those.
    private func endsInLower(at start: Int) -> Int? {
        let upperEnd = runEnd(from: start) { $0.contains(.upper) }
        let end = runEnd(from: upperEnd) { $0.contains(.lower) }
        if end > upperEnd { return end }
        var last = upperEnd
        while last > start, !classes[last - 1].contains(.lower) { last -= 1 }
        return last > start ? last : nil
    }

    /// `U+l*`, where `U*l+` did not match: then no lower case follows.
    private func beginsInUpper(at start: Int) -> Int? {
        let end = runEnd(from: start) { $0.contains(.upper) }
        return end > start ? end : nil
    }

    /// What GPT-4o's expression has after its words.
    func wordBesideLetters(at start: Int, numberLimit: Int) -> Int {
        numbers(at: start, limit: numberLimit)
            ?? spacedSymbols(at: start, trailing: [.newline, .slash])
            ?? lineBreaks(at: start)
            ?? whitespace(at: start)
            ?? start + 1
    }
}
