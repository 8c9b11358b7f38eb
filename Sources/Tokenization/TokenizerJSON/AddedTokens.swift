/// A token that is cut out of a text before anything else, as `tokenizer.json` describes it.
struct AddedToken: Sendable, Equatable {
    var id: UInt32
    var content: String
    /// Whether it is about the text rather than in it.
    var isSpecial = false
    /// Whether it is looked for in the normalized text.
    var isNormalized = false
    /// Whether letters, digits and the like must not be beside it.
    var isSingleWord = false
    /// Whether it takes the white space before and after it away.
    var stripsLeft = false
    var stripsRight = false
}

/// Finds added tokens in a text: from left to right, at each place the longest.
struct AddedTokenFinder: Sendable {
    /// A piece of a text: a token, or what is between tokens.
    enum Piece {
        case text(Range<Int>)
        case token(UInt32)
    }

    private var trie = SpecialTokenTrie()
    /// By their place in the trie.
    private var tokens: [AddedToken] = []

    var isEmpty: Bool { tokens.isEmpty }

    /// Of tokens with one content the first is found.
    mutating func insert(_ token: AddedToken, as content: String) {
        trie.insert(Array(content.utf8), token: UInt32(tokens.count))
        tokens.append(token)
    }

    /// The pieces of `text`, valid UTF-8, none of them empty.
    func pieces(of text: [UInt8], parsingSpecialTokens: Bool) -> [Piece] {
        var pieces: [Piece] = []
        var start = 0
        var next = 0
        while next < text.count,
            let match = trie.firstMatch(in: text.span, from: next, where: { _ in true })
        {
            next = match.range.upperBound
            let token = tokens[Int(match.token)]
            guard parsingSpecialTokens || !token.isSpecial else { continue }
            var (lower, upper) = (match.range.lowerBound, match.range.upperBound)
            if token.isSingleWord, isWord(text, before: lower) || isWord(text, after: upper) {
                continue
            }
            if token.stripsLeft { lower = max(start, spaceStart(text, before: lower)) }
            if token.stripsRight { upper = text.spaceEnd(after: upper) }
            // White space that was taken away may hold the next match's beginning.
            lower = max(lower, start)
            if start < lower { pieces.append(.text(start..<lower)) }
            pieces.append(.token(token.id))
            start = max(start, upper)
            next = max(next, start)
        }
        if start < text.count { pieces.append(.text(start..<text.count)) }
        return pieces
    }

    private func isWord(_ text: [UInt8], before end: Int) -> Bool {
        guard
            let scalar = String(decoding: text[..<end].suffix(4), as: UTF8.self).unicodeScalars.last
        else { return false }
        return NamedSets.unicodeWord.contains(scalar.value)
    }

    private func isWord(_ text: [UInt8], after start: Int) -> Bool {
        guard let scalar = text.scalar(at: start) else { return false }
        return NamedSets.unicodeWord.contains(scalar.value)
    }

    private func spaceStart(_ text: [UInt8], before end: Int) -> Int {
        var start = end
        while start > 0 {
            var lead = start - 1
            while lead > 0, text[lead] & 0xC0 == 0x80 { lead -= 1 }
            guard let scalar = text.scalar(at: lead), NamedSets.space.contains(scalar.value) else {
                break
            }
            start = lead
        }
        return start
    }
}

extension [UInt8] {
    /// The scalar whose first byte is at `start` of this valid UTF-8.
    fileprivate func scalar(at start: Int) -> Unicode.Scalar? {
        String(decoding: self[start...].prefix(4), as: UTF8.self).unicodeScalars.first
    }

    /// Where the white space ends that begins at `start` of this valid UTF-8.
    func spaceEnd(after start: Int) -> Int {
        var end = start
        while let scalar = scalar(at: end), NamedSets.space.contains(scalar.value) {
            end += utf8Length(lead: self[end])
        }
        return end
    }
}
