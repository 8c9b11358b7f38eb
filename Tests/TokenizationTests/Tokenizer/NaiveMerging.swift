import Tokenization

/// The slow and obvious ways from text to tokens, straight from the papers: look at all neighbours,
/// merge the best, begin again.
enum NaiveMerging {
    /// Byte pair encoding of one word: parts are spellings, ranks are places in the list of merges.
    static func bytePair(_ word: String, merges: [String]) -> [String] {
        var parts = word.utf8.map { SyntheticVocabulary.byteSpellings[Int($0)] }
        while true {
            var best: (rank: Int, index: Int)?
            for index in parts.indices.dropLast() {
                guard let rank = merges.firstIndex(of: parts[index] + " " + parts[index + 1])
                else { continue }
                if rank < best?.rank ?? .max { best = (rank, index) }
            }
            guard let best else { return parts }
            parts[best.index] += parts.remove(at: best.index + 1)
        }
    }

    /// SentencePiece's byte pair encoding of a text without special tokens.
    static func sentencePiece(_ text: String, _ vocabulary: SyntheticVocabulary) -> [UInt32] {
        let scores = vocabulary.scores
        func token(_ piece: String) -> Int? {
            vocabulary.tokens.firstIndex(of: piece).flatMap { vocabulary.kinds[$0] == 1 ? $0 : nil }
        }
        var parts = text.unicodeScalars.map { $0 == " " ? "▁" : String($0) }
        while true {
            var best: (score: Float, index: Int)?
            for index in parts.indices.dropLast() {
                guard let token = token(parts[index] + parts[index + 1]) else { continue }
                if scores[token] > best?.score ?? -.infinity { best = (scores[token], index) }
            }
            guard let best else { break }
            parts[best.index] += parts.remove(at: best.index + 1)
        }
        precondition(vocabulary.tokens[3] == "<0x00>", "the byte tokens begin at 3")
        return parts.flatMap { part in
            token(part).map { [UInt32($0)] } ?? part.utf8.map { 3 + UInt32($0) }
        }
    }
}
