/// A unigram language model (Kudo 2018): of all ways to cut a word into tokens the one with the
/// greatest sum of scores, found in one pass from left to right.
struct UnigramModel: Sendable {
    /// Node and byte → child, from node 0, the root; and the token that ends at a node.
    private var children: PairTable
    private var tokens: [UInt32] = [MergeSymbol.noToken]
    private let scores: [Double]
    private let unknownToken: UInt32?
    private let unknownScore: Double
    private let byteTokens: [UInt32]?

    /// What an unknown character costs beside the worst token: SentencePiece's number.
    private static let unknownPenalty = 10.0

    init(
        vocabulary: Vocabulary,
        scores: [Double],
        unknownToken: UInt32?,
        fallsBackToBytes: Bool,
        isMergeable: (Int) -> Bool
    ) {
        (self.scores, self.unknownToken) = (scores, unknownToken)
        unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
        byteTokens = fallsBackToBytes ? vocabulary.byteTokens : nil
        children = PairTable(minimumCapacity: vocabulary.spellings.bytes.count)
        for token in scores.indices where isMergeable(token) {
            insert(vocabulary.spellings[token], token: UInt32(token))
        }
    }

    private mutating func insert(_ text: ArraySlice<UInt8>, token: UInt32) {
        guard !text.isEmpty else { return }
        var node: UInt32 = 0
        for byte in text {
            if let (child, _) = children[node, UInt32(byte)] {
                node = child
            } else {
                let child = UInt32(tokens.count)
                children.insert(node, UInt32(byte), (child, 0))
                tokens.append(MergeSymbol.noToken)
                node = child
            }
        }
        // Of tokens with one text the last counts, as in the `tokenizers` package.
        tokens[Int(node)] = token
    }

    /// The best way to come to a place of the text.
    private struct Best {
        var score = 0.0
        /// Where the last token begins, or -1 where nothing leads here.
        var start = -1
        var token = MergeSymbol.noToken
    }

    /// Appends the tokens of a word.
    func encode(_ word: [UInt32], into result: inout [UInt32]) {
        let text = word.utf8
        var best = [Best](repeating: Best(), count: text.count + 1)
        var start = 0
        while start < text.count {
            let length = utf8Length(lead: text[start])
            extend(text, start, length, &best)
            start += length
        }
        append(text, best, into: &result)
    }

    /// Tries every token that begins at `start`.
    private func extend(_ text: [UInt8], _ start: Int, _ length: Int, _ best: inout [Best]) {
        let score = best[start].score
        var hasSingle = false
        var node: UInt32 = 0
        var end = start
        while end < text.count, let (child, _) = children[node, UInt32(text[end])] {
            node = child
            end += 1
            let token = tokens[Int(node)]
            guard token != MergeSymbol.noToken else { continue }
            let candidate = score + scores[Int(token)]
            if best[end].start < 0 || candidate > best[end].score {
                best[end] = Best(score: candidate, start: start, token: token)
            }
            if end == start + length { hasSingle = true }
        }
        guard !hasSingle else { return }
        let candidate = score + unknownScore
        let next = start + length
        if best[next].start < 0 || candidate > best[next].score {
            best[next] = Best(score: candidate, start: start, token: MergeSymbol.noToken)
        }
    }

    /// Walks back from the end. Unknown characters in a row are one unknown token, or their bytes.
    private func append(_ text: [UInt8], _ best: [Best], into result: inout [UInt32]) {
        var cuts: [Best] = []
        var place = text.count
        while place > 0 {
            cuts.append(best[place])
            place = best[place].start
        }
        var unknown: Range<Int>?
        for cut in cuts.reversed() {
            let isKnown = cut.token != MergeSymbol.noToken && cut.token != unknownToken
            if isKnown {
                flush(&unknown, text, into: &result)
                result.append(cut.token)
            } else {
                unknown =
                    (unknown?.lowerBound ?? cut.start)..<cut.start
                    + utf8Length(lead: text[cut.start])
            }
        }
        flush(&unknown, text, into: &result)
    }

    private func flush(
        _ unknown: inout Range<Int>?,
        _ text: [UInt8],
        into result: inout [UInt32]
    ) {
        guard let range = unknown else { return }
        unknown = nil
        if let byteTokens {
            for byte in text[range] { result.append(byteTokens[Int(byte)]) }
        } else if let unknownToken {
            result.append(unknownToken)
        }
    }
}
