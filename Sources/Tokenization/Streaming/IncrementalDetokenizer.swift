/// Turns tokens into text as they come. The pieces, put together, are `Tokenizer.decode` of all
/// tokens; no piece ends within a character.
public struct IncrementalDetokenizer: Sendable {
    private let tokenizer: Tokenizer
    private let skipSpecialTokens: Bool
    private var repair = UTF8Repair()
    private var isAtStart = true

    /// - Parameter skipSpecialTokens: whether special tokens give no text.
    public init(_ tokenizer: Tokenizer, skipSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        self.skipSpecialTokens = skipSpecialTokens
    }

    /// The text that is certain now that `token` came: empty while it ends within a character.
    public mutating func append(_ token: Tokenizer.TokenID) -> String {
        if skipSpecialTokens && tokenizer.isSpecial(token) { return "" }
        let bytes = repair.append(tokenizer.byteSlice(of: token, isAtStart: &isAtStart))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The rest: U+FFFD when the tokens end within a character. The detokenizer is then as new.
    public mutating func finish() -> String {
        isAtStart = true
        return String(decoding: repair.finish(), as: UTF8.self)
    }
}
