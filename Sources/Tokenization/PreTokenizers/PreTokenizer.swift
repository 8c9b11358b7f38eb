/// How a byte-level BPE cuts a text into the words that it merges within, and what else depends on
/// `tokenizer.ggml.pre`.
///
/// Each is a regular expression in the model's original files. Here it is a scanner by hand, linear
/// in the text whatever the text is, tested against the expression. Where llama.cpp approximates an
/// expression, the original is followed: it is what the model was trained with.
package struct PreTokenizer: Sendable {
    /// The values of `tokenizer.ggml.pre` that mean this one, the usual name first.
    package let names: [String]
    /// Whether a word that is a token is that token, even if its merges would not lead there.
    var ignoresMergesForWholeWords = false
    /// Whether a text begins with the BOS token where the file does not say.
    var addsBeginningOfSequence = false
    /// Whether texts are put into Unicode's form NFC first. A GGUF file does not say it, and
    /// llama.cpp leaves it out.
    var composes = false
    /// The index after the word that begins at an index of the text, at least one scalar further.
    let wordEnd: @Sendable (ScalarText, Int) -> Int

    /// All that are built.
    package static let all: [PreTokenizer] = [
        .gpt2, .gpt4o, .llamaBPE, .qwen2, .deepSeekR1Qwen, .smolLM, .tekken,
    ]

    init(
        names: [String],
        ignoresMergesForWholeWords: Bool = false,
        addsBeginningOfSequence: Bool = false,
        composes: Bool = false,
        wordEnd: @escaping @Sendable (ScalarText, Int) -> Int
    ) {
        self.names = names
        self.ignoresMergesForWholeWords = ignoresMergesForWholeWords
        self.addsBeginningOfSequence = addsBeginningOfSequence
        self.composes = composes
        self.wordEnd = wordEnd
    }

    /// The pre-tokenizer of a name in a file. Throws `.unknownPreTokenizer` for one that is not
    /// built.
    package static func named(_ name: String) throws(TokenizerError) -> PreTokenizer {
        if let found = all.first(where: { $0.names.contains(name) }) { return found }
        throw .unknownPreTokenizer(name, known: all.flatMap(\.names).sorted())
    }

    /// The words of a text; put together, they are the text.
    package func words(of text: String) -> [String] {
        var scalars = ScalarText()
        scalars.read(Array(text.utf8).span)
        var words: [String] = []
        var rest = text.unicodeScalars[...]
        var start = 0
        while start < scalars.count {
            let end = wordEnd(scalars, start)
            words.append(String(String.UnicodeScalarView(rest.prefix(end - start))))
            rest = rest.dropFirst(end - start)
            start = end
        }
        return words
    }
}
