internal import Checkpoints

/// SentencePiece's byte pair encoding (Kudo and Richardson 2018): a text begins as its characters,
/// with `▁` for a space, and of all neighbours those merge first whose joint token has the highest
/// score. A character without a token is spelled in byte tokens.
struct SentencePieceModel: Sendable {
    /// The bytes of each token, with spaces in place of `▁`.
    let bytes: ByteArena
    /// Whether a space is put before a text, so that its first word is like any other.
    let addsSpacePrefix: Bool
    private let index: TokenIndex
    /// From token to the priority of merging into it.
    private let priorities: [UInt32]
    /// From byte to what stands for it: its token, or the unknown token, or `noToken`.
    private let byteTokens: [UInt32]

    /// U+2581 in UTF-8.
    private static let spaceMark: [UInt8] = [0xE2, 0x96, 0x81]

    /// From `tokenizer.ggml.scores` and `tokenizer.ggml.add_space_prefix`; without the former,
    /// merges go from left to right.
    init(
        metadata: Metadata,
        vocabulary: Vocabulary,
        unknownToken: UInt32?
    ) throws(TokenizerError) {
        let scoreKey = "tokenizer.ggml.scores"
        let (scores, addsSpace) = try attempt { () throws(MetadataError) in
            (
                try metadata.optionalFloats(scoreKey),
                try metadata.optionalBool("tokenizer.ggml.add_space_prefix")
            )
        }
        if let scores, scores.count != vocabulary.count {
            throw .countMismatch(
                key: scoreKey,
                count: scores.count,
                tokenCount: vocabulary.count
            )
        }
        addsSpacePrefix = addsSpace ?? true
        priorities =
            scores?.map { Self.priority(score: Float($0)) }
            ?? Array(repeating: 0, count: vocabulary.count)
        // As in SentencePiece, what is reserved can not be merged into: control, unknown and byte
        // tokens. llama.cpp lets a user write them.
        index = TokenIndex(vocabulary.spellings) { token in
            switch vocabulary.kinds[token] {
            case .normal, .userDefined, .unused: true
            case .control, .unknown, .byte: false
            }
        }

        var bytes = ByteArena()
        var byteTokens = [UInt32](repeating: unknownToken ?? MergeSymbol.noToken, count: 256)
        bytes.reserve(count: vocabulary.count, byteCount: vocabulary.spellings.bytes.count)
        for token in 0..<vocabulary.count {
            if let byte = vocabulary.byte(of: token) {
                bytes.append(CollectionOfOne(byte))
                byteTokens[Int(byte)] = UInt32(token)
            } else if vocabulary.kinds[token].isSpecial {
                bytes.append(vocabulary.spellings[token])
            } else {
                bytes.append(Self.unmarked(vocabulary.spellings[token]))
            }
        }
        self.bytes = bytes
        self.byteTokens = byteTokens
    }

    /// Appends the tokens of a fragment between special tokens.
    func encode(
        _ fragment: Span<UInt8>,
        addingSpace: Bool,
        _ loop: inout MergeLoop,
        into tokens: inout [UInt32]
    ) {
        guard fragment.count > 0 else { return }
        let text = Self.marked(fragment, addingSpace: addingSpace)
        loop.removeAll()
        var start = 0
        while start < text.count {
            let end = start + utf8Length(lead: text[start])
            let token = index.token(for: text.span.extracting(start..<end))
            loop.append(token: token ?? MergeSymbol.noToken, start: start, end: end)
            start = end
        }
        loop.run(SentencePieceRule(text: text, index: index, priorities: priorities))
        loop.forEach { symbol in
            if symbol.token != MergeSymbol.noToken {
                tokens.append(symbol.token)
                return
            }
            for byte in text[Int(symbol.start)..<Int(symbol.end)] {
                let token = byteTokens[Int(byte)]
                if token != MergeSymbol.noToken { tokens.append(token) }
            }
        }
    }

    private static func marked(_ text: Span<UInt8>, addingSpace: Bool) -> [UInt8] {
        var marked = addingSpace ? spaceMark : []
        marked.reserveCapacity(text.count + text.count / 2 + 3)
        for index in text.indices {
            if text[index] == 0x20 {
                marked.append(contentsOf: spaceMark)
            } else {
                marked.append(text[index])
            }
        }
        return marked
    }

    private static func unmarked(_ spelling: ArraySlice<UInt8>) -> [UInt8] {
        var rest = spelling
        var bytes: [UInt8] = []
        bytes.reserveCapacity(rest.count)
        while let first = rest.first {
            if rest.starts(with: spaceMark) {
                bytes.append(0x20)
                rest = rest.dropFirst(spaceMark.count)
            } else {
                bytes.append(first)
                rest = rest.dropFirst()
            }
        }
        return bytes
    }

    /// The lower, the higher the score: the bits of a float, turned so that they order as the float
    /// does. NaN comes last.
    static func priority(score: Float) -> UInt32 {
        guard !score.isNaN else { return .max - 1 }
        let bits = (score + 0).bitPattern  // -0 is 0
        let ascending = bits >> 31 == 1 ? ~bits : bits | 1 << 31
        return min(~ascending, .max - 1)
    }
}

private struct SentencePieceRule: MergeRule {
    let text: [UInt8]
    let index: TokenIndex
    let priorities: [UInt32]

    func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge {
        let joined = Int(left.start)..<Int(right.end)
        guard let token = index.token(for: text.span.extracting(joined)) else { return .none }
        return Merge(priority: priorities[Int(token)], token: token)
    }
}
