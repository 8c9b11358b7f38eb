/// What a vocabulary may ask of this process before it is refused; far above published models.
enum TokenizerLimits {
    /// Tokens; the largest published vocabularies have about 262,000.
    static let tokenCount = 1 << 22
    /// Merges; about as many as tokens.
    static let mergeCount = 1 << 23
    /// UTF-8 bytes of one token's text; published vocabularies stay under 400. Looking a token up
    /// costs its length, so this also bounds what one byte of text can cost.
    static let tokenByteCount = 1024
    /// UTF-8 bytes of all special and user-defined tokens; published vocabularies have 100,000.
    /// Each becomes a node of a trie, which takes fifty times as much memory.
    static let specialByteCount = 1 << 22
    /// Bytes of a file that describes a tokenizer; the largest published have 35 MB.
    static let fileByteCount = 256 << 20
    /// UTF-8 bytes of one text to encode: positions are 32-bit numbers.
    static let textByteCount = Int(Int32.max)
}
