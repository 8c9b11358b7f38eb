/// Byte pair encoding as `tokenizer.json` has it: a word begins as its characters, which for a
/// byte-level vocabulary are GPT-2's spelling of its bytes, and of all neighbours those merge first
/// whose merge comes first in the file's list.
struct CharacterPairModel: Sendable {
    struct Options: Sendable {
        var unknownToken: UInt32?
        /// Whether unknown characters in a row are one unknown token.
        var fusesUnknown = false
        /// Whether an unknown character is spelled in tokens `<0xNN>`.
        var fallsBackToBytes = false
        /// Whether a word that is a token is that token, even if its merges would not lead there.
        var ignoresMerges = false
    }

    private let options: Options
    private let index: TokenIndex
    private let rule: Rule
    /// The token of each scalar below U+0250, where most are.
    private let low: [UInt32]
    /// The token `<0xNN>` of each byte, if all 256 are there.
    private let byteTokens: [UInt32]?

    /// - Parameters:
    ///   - merges: pairs of token texts, the first merge first.
    ///   - isMergeable: whether a token may come out of a text.
    init(
        vocabulary: Vocabulary,
        merges: [(String, String)],
        options: Options,
        isMergeable: (Int) -> Bool
    ) throws(JSONFileProblem) {
        self.options = options
        let index = TokenIndex(vocabulary.spellings, where: isMergeable)
        self.index = index
        rule = try Rule(merges, vocabulary, index)
        low = (0..<0x250 as Range<UInt32>).map { value in
            Unicode.Scalar(value).flatMap { index.token(for: Array(Character($0).utf8).span) }
                ?? MergeSymbol.noToken
        }
        byteTokens = vocabulary.byteTokens
    }

    /// Appends the tokens of a word.
    func encode(_ word: [UInt32], _ loop: inout MergeLoop, into tokens: inout [UInt32]) {
        if options.ignoresMerges, let token = index.token(for: word.utf8.span) {
            tokens.append(token)
            return
        }
        loop.removeAll()
        var unknownStart: Int?
        for (place, scalar) in word.enumerated() {
            let token = token(of: scalar)
            if token != MergeSymbol.noToken {
                flush(&unknownStart, place, &loop)
                loop.append(token: token, start: place, end: place + 1)
            } else if options.fallsBackToBytes, let byteTokens {
                for byte in [scalar].utf8 {
                    loop.append(token: byteTokens[Int(byte)], start: place, end: place + 1)
                }
            } else {
                if !options.fusesUnknown { flush(&unknownStart, place, &loop) }
                unknownStart = unknownStart ?? place
            }
        }
        flush(&unknownStart, word.count, &loop)
        loop.run(rule)
        loop.forEach { tokens.append($0.token) }
    }

    /// Ends a run of unknown characters, which without an unknown token are left out.
    private func flush(_ start: inout Int?, _ end: Int, _ loop: inout MergeLoop) {
        if let begin = start, let token = options.unknownToken {
            loop.append(token: token, start: begin, end: end)
        }
        start = nil
    }

    private func token(of scalar: UInt32) -> UInt32 {
        if scalar < low.count { return low[Int(scalar)] }
        return index.token(for: [scalar].utf8.span) ?? MergeSymbol.noToken
    }
}

/// The merges by the tokens that they merge.
private struct Rule: MergeRule, Sendable {
    /// (left, right) → (rank, merged).
    private var merges: PairTable

    /// Of merges of one pair the last counts, as in the `tokenizers` package.
    init(
        _ list: [(String, String)],
        _ vocabulary: Vocabulary,
        _ mergeable: TokenIndex
    ) throws(JSONFileProblem) {
        merges = PairTable(minimumCapacity: list.count)
        for (rank, (first, second)) in list.enumerated().reversed() {
            let (left, right) = (Array(first.utf8), Array(second.utf8))
            let joined = left + right
            guard let leftToken = vocabulary.index.token(for: left.span),
                let rightToken = vocabulary.index.token(for: right.span),
                vocabulary.index.token(for: joined.span) != nil
            else {
                throw JSONFileProblem(
                    "merge \(rank) is of or to what is no token of the vocabulary"
                )
            }
            // What may not come out of a text is not merged to.
            guard let merged = mergeable.token(for: joined.span) else { continue }
            merges.insert(leftToken, rightToken, (UInt32(rank), merged))
        }
    }

    func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge {
        guard let (rank, merged) = merges[left.token, right.token] else { return .none }
        return Merge(priority: rank, token: merged)
    }
}

extension Array where Element == UInt32 {
    /// Scalars in UTF-8.
    var utf8: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 2)
        for value in self {
            if value < 0x80 {
                bytes.append(UInt8(value))
            } else if let scalar = Unicode.Scalar(value) {
                bytes.append(contentsOf: Character(scalar).utf8)
            }
        }
        return bytes
    }
}
