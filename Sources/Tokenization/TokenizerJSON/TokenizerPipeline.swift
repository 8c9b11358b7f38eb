/// The steps of `tokenizer.json`: added tokens are cut out, what is between them is normalized, cut
/// into words, and each word encoded by the model.
struct TokenizerPipeline: Sendable {
    enum Model: Sendable {
        case characterPairs(CharacterPairModel)
        case unigram(UnigramModel)
    }

    /// What of a text's first token is left out when it is decoded.
    enum TextStart: Sendable {
        case asItIs
        /// One space that the text begins with.
        case withoutSpace
        /// All spaces of the first token.
        case withoutSpaces

        /// The bytes of a text's first token, without what is left out of them.
        func callAsFunction(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
            switch self {
            case .asItIs: bytes
            case .withoutSpace: bytes.first == 0x20 ? bytes.dropFirst() : bytes
            case .withoutSpaces: bytes.filter { $0 != 0x20 }[...]
            }
        }
    }

    /// Added tokens as they are in the text, and as they are in the normalized text.
    var rawTokens = AddedTokenFinder()
    var normalizedTokens = AddedTokenFinder()
    var normalizer: Normalizer?
    var splitter: TextSplitter?
    var model: Model
    /// What a text begins and ends with.
    var prefix: [UInt32] = []
    var suffix: [UInt32] = []
    /// The bytes that each token stands for in a text.
    var bytes = ByteArena()
    var textStart = TextStart.asItIs

    /// The tokens of `text`, valid UTF-8.
    func encode(_ text: [UInt8], parsingSpecialTokens: Bool, into tokens: inout [UInt32]) {
        var loop = MergeLoop()
        for piece in rawTokens.pieces(of: text, parsingSpecialTokens: parsingSpecialTokens) {
            switch piece {
            case .token(let token): tokens.append(token)
            case .text(let range):
                let scalars = String(decoding: text[range], as: UTF8.self).unicodeScalars
                    .map(\.value)
                encode(
                    normalizer?(scalars) ?? scalars,
                    isFirst: range.lowerBound == 0,
                    parsingSpecialTokens,
                    &loop,
                    into: &tokens
                )
            }
        }
    }

    private func encode(
        _ normalized: [UInt32],
        isFirst: Bool,
        _ parsingSpecialTokens: Bool,
        _ loop: inout MergeLoop,
        into tokens: inout [UInt32]
    ) {
        guard !normalizedTokens.isEmpty else {
            return encode(words: normalized, isFirst: isFirst, &loop, into: &tokens)
        }
        let text = normalized.utf8
        let pieces = normalizedTokens.pieces(of: text, parsingSpecialTokens: parsingSpecialTokens)
        for piece in pieces {
            switch piece {
            case .token(let token): tokens.append(token)
            case .text(let range):
                let scalars = String(decoding: text[range], as: UTF8.self).unicodeScalars
                    .map(\.value)
                let isFirst = isFirst && range.lowerBound == 0
                encode(words: scalars, isFirst: isFirst, &loop, into: &tokens)
            }
        }
    }

    private func encode(
        words text: [UInt32],
        isFirst: Bool,
        _ loop: inout MergeLoop,
        into tokens: inout [UInt32]
    ) {
        guard !text.isEmpty else { return }
        for word in splitter?.words(of: text, isFirst: isFirst) ?? [text] {
            switch model {
            case .characterPairs(let model): model.encode(word, &loop, into: &tokens)
            case .unigram(let model): model.encode(word, into: &tokens)
            }
        }
    }
}
