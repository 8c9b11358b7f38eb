internal import Checkpoints

/// A checkpoint's tokens as its file has them: spelling and kind.
struct Vocabulary: Sendable {
    /// The spelling of each token in the file: for byte-level BPE in GPT-2's alphabet, for
    /// SentencePiece with `▁` for a space, for special tokens plain.
    let texts: [String]
    private(set) var kinds: [TokenKind]
    /// The same spellings as UTF-8.
    let spellings: ByteArena
    /// From spelling to token; of tokens with one spelling the first.
    let index: TokenIndex
    /// Tokens whose text ends a generation in every model.
    let endOfGeneration: Set<UInt32>

    var count: Int { texts.count }

    /// From `tokenizer.ggml.tokens` and `tokenizer.ggml.token_type`; without the latter all tokens
    /// are normal.
    init(metadata: Metadata) throws(TokenizerError) {
        let texts = try attempt { () throws(MetadataError) in
            try metadata.strings("tokenizer.ggml.tokens")
        }
        let typeKey = "tokenizer.ggml.token_type"
        let types = try attempt { () throws(MetadataError) in
            try metadata.optionalIntegers(typeKey)
        }
        if let types, types.count != texts.count {
            throw .countMismatch(key: typeKey, count: types.count, tokenCount: texts.count)
        }
        try self.init(
            texts: texts,
            kinds: types?.map(TokenKind.init(fileValue:))
                ?? Array(repeating: .normal, count: texts.count)
        )
    }

    /// Tokens by number: one kind for each text.
    init(texts: [String], kinds: [TokenKind]) throws(TokenizerError) {
        guard !texts.isEmpty else { throw .emptyVocabulary }
        guard texts.count <= TokenizerLimits.tokenCount else {
            throw .overLimit(
                what: "a token count",
                value: texts.count,
                limit: TokenizerLimits.tokenCount
            )
        }
        var kinds = kinds
        var spellings = ByteArena()
        spellings.reserve(count: texts.count, byteCount: texts.count * 8)
        for text in texts {
            let byteCount = text.utf8.count
            guard byteCount <= TokenizerLimits.tokenByteCount else {
                throw .overLimit(
                    what: "a token with a byte count",
                    value: byteCount,
                    limit: TokenizerLimits.tokenByteCount
                )
            }
            spellings.append(text.utf8)
        }
        let index = TokenIndex(spellings) { _ in true }

        // A file that forgot to mark such a token as control would have it typed by users.
        var ends: [String: UInt32] = [:]
        for text in EndOfGeneration.texts {
            guard let token = index.token(for: Array(text.utf8).span) else { continue }
            ends[text] = token
            kinds[Int(token)] = .control
        }
        (self.texts, self.kinds, self.spellings, self.index) = (texts, kinds, spellings, index)
        endOfGeneration = EndOfGeneration.tokens(among: ends)
    }

    /// Trie of the tokens that are cut out of a text before it is tokenized.
    func specialTokens() throws(TokenizerError) -> SpecialTokenTrie {
        var trie = SpecialTokenTrie()
        var byteCount = 0
        for token in texts.indices where kinds[token].isSpecial || kinds[token] == .userDefined {
            byteCount += spellings[token].count
            guard byteCount <= TokenizerLimits.specialByteCount else {
                throw .overLimit(
                    what: "special tokens with a byte count",
                    value: byteCount,
                    limit: TokenizerLimits.specialByteCount
                )
            }
            trie.insert(spellings[token], token: UInt32(token))
        }
        return trie
    }

    /// The special tokens of Phi-3 that are no part of a plain text. In the model's original files
    /// each takes the white space after it away (`rstrip`), which its chat template counts on: the
    /// line break after `<|user|>` is none of the model's. GGUF has no key for that.
    var tokensOfTurns: Set<UInt32> {
        let plain: Set = ["<unk>", "<s>", "<|endoftext|>"]
        return Set(
            texts.indices.lazy.filter { kinds[$0].isSpecial && !plain.contains(texts[$0]) }
                .map { UInt32($0) }
        )
    }

    /// The byte that a token of kind `.byte` stands for: `<0x0A>` is 10.
    func byte(of token: Int) -> UInt8? {
        kinds[token] == .byte ? Self.byte(spelledBy: texts[token]) : nil
    }

    /// The byte that `<0xNN>` spells.
    static func byte(spelledBy text: String) -> UInt8? {
        guard text.utf8.count == 6, text.hasPrefix("<0x"), text.hasSuffix(">") else { return nil }
        return UInt8(text.dropFirst(3).dropLast(), radix: 16)
    }
}

/// Runs a reading of metadata with its error wrapped.
func attempt<T>(_ read: () throws(MetadataError) -> T) throws(TokenizerError) -> T {
    do { return try read() } catch { throw .metadata(error) }
}
