extension PreTokenizer {
    /// GPT-4o's expression without contractions and with each digit alone, of Mistral NeMo and
    /// later.
    static let tekken = PreTokenizer(
        names: ["tekken"],
        ignoresMergesForWholeWords: true,
        addsBeginningOfSequence: true
    ) { text, start in
        text.casedWord(at: start) ?? text.wordBesideLetters(at: start, numberLimit: 1)
    }
}
