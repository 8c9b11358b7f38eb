internal import Checkpoints

/// Byte-level byte pair encoding (Sennrich et al. 2016, on bytes as in GPT-2): a word begins as its
/// bytes, and of all neighbours those merge first whose merge comes first in the file's list.
struct BytePairModel: Sendable {
    let preTokenizer: PreTokenizer
    /// The bytes of each token.
    let bytes: ByteArena
    /// From a whole word to the token that it is after all merges.
    private var words: TokenIndex
    private var rule: BytePairRule
    /// The token of each byte, or `noToken`: some vocabularies lack bytes that their training never
    /// had. Those are left out of a text, as llama.cpp and Hugging Face's tokenizers do; the
    /// unknown token that such a file names is often its end of text, which must not come from a
    /// user.
    private var byteTokens: [UInt32]

    /// From `tokenizer.ggml.pre` and `tokenizer.ggml.merges`.
    init(metadata: Metadata, vocabulary: Vocabulary) throws(TokenizerError) {
        let name = try attempt { () throws(MetadataError) in
            try metadata.optionalString("tokenizer.ggml.pre")
        }
        let preTokenizer = try PreTokenizer.named(name ?? "default")
        let merges = try attempt { () throws(MetadataError) in
            try metadata.strings("tokenizer.ggml.merges")
        }
        guard merges.count <= TokenizerLimits.mergeCount else {
            throw .overLimit(
                what: "a merge count",
                value: merges.count,
                limit: TokenizerLimits.mergeCount
            )
        }
        self.preTokenizer = preTokenizer

        var bytes = ByteArena()
        var isWord = [Bool](repeating: false, count: vocabulary.count)
        bytes.reserve(count: vocabulary.count, byteCount: vocabulary.spellings.bytes.count)
        for (token, text) in vocabulary.texts.enumerated() {
            let spelled =
                vocabulary.kinds[token].isMergeable ? ByteAlphabet.bytes(spelledBy: text) : nil
            isWord[token] = spelled != nil
            if let byte = vocabulary.byte(of: token) {
                bytes.append(CollectionOfOne(byte))
            } else {
                bytes.append(spelled ?? Array(text.utf8))
            }
        }
        self.bytes = bytes
        let all = TokenIndex(bytes) { isWord[$0] }
        byteTokens = (0...255).map { byte in
            all.token(for: [UInt8(byte)].span) ?? MergeSymbol.noToken
        }
        rule = BytePairRule(merges: merges, vocabulary: vocabulary, bytes: bytes, isWord: isWord)
        words = all
        if !preTokenizer.ignoresMergesForWholeWords { leaveOutUnreachableWords() }
    }

    /// Takes from `words` the tokens that the merges of their own bytes do not lead to; for all
    /// others the merging is saved when a text has them as a word.
    private mutating func leaveOutUnreachableWords() {
        let (bytes, words) = (bytes, words)
        var loop = MergeLoop()
        let reached = (0..<bytes.count).map { token in
            let range = bytes.range(token)
            guard words.token(for: bytes.bytes.span.extracting(range)) == UInt32(token) else {
                return false
            }
            merge(bytes.bytes.span, range, &loop)
            return loop.symbols[0].next < 0 && loop.symbols[0].token == UInt32(token)
        }
        self.words = TokenIndex(bytes) { reached[$0] }
    }

    /// Appends the tokens of a word of a text.
    func encode(
        _ text: Span<UInt8>,
        _ word: Range<Int>,
        _ loop: inout MergeLoop,
        into tokens: inout [UInt32]
    ) {
        if let token = words.token(for: text.extracting(word)) {
            tokens.append(token)
            return
        }
        merge(text, word, &loop)
        loop.forEach { symbol in
            if symbol.token != MergeSymbol.noToken { tokens.append(symbol.token) }
        }
    }

    private func merge(_ text: Span<UInt8>, _ word: Range<Int>, _ loop: inout MergeLoop) {
        loop.removeAll()
        for index in word {
            loop.append(token: byteTokens[Int(text[index])], start: index, end: index + 1)
        }
        loop.run(rule)
    }
}

/// The merges of a file by the tokens that they merge.
private struct BytePairRule: MergeRule, Sendable {
    /// (left, right) → (rank, merged).
    private var merges: PairTable

    /// Merges that name something that is no token, or make it, are left out, as they cannot be
    /// expressed in tokens; of two merges of one pair the first counts. llama.cpp does the same but
    /// for merges to and from what is no token.
    init(merges list: [String], vocabulary: Vocabulary, bytes: ByteArena, isWord: [Bool]) {
        merges = PairTable(minimumCapacity: list.count)
        var joined: [UInt8] = []
        for (rank, text) in list.enumerated() {
            joined.removeAll(keepingCapacity: true)
            joined.append(contentsOf: text.utf8)
            // A part is never empty, so the space between them is not the first character.
            guard let space = joined.dropFirst().firstIndex(of: 0x20) else { continue }
            let left = vocabulary.index.token(for: joined.span.extracting(0..<space))
            let right = vocabulary.index.token(
                for: joined.span.extracting((space + 1)..<joined.count)
            )
            joined.remove(at: space)
            let merged = vocabulary.index.token(for: joined.span)
            guard let left, let right, let merged,
                isWord[Int(left)], isWord[Int(right)], isWord[Int(merged)]
            else { continue }
            merges.insert(left, right, (UInt32(rank), merged))
        }
    }

    func merge(_ left: MergeSymbol, _ right: MergeSymbol) -> Merge {
        guard left.token != MergeSymbol.noToken,
            let (rank, merged) = merges[left.token, right.token]
        else { return .none }
        return Merge(priority: rank, token: merged)
    }
}

extension TokenKind {
    /// Whether merging may lead to such a token. To a special one it may not, or a user could write
    /// it; those that users define are cut out beforehand.
    fileprivate var isMergeable: Bool { self == .normal || self == .unused }
}
