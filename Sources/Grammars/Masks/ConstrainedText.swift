/// One output under a grammar, token by token.
public struct ConstrainedText: Sendable {
    private let masks: TokenMasks
    private var matcher: Matcher
    /// Whether an end token has come.
    public private(set) var hasEnded = false

    /// - Throws: `GrammarError.overLimit` if the grammar is too ambiguous from the start.
    public init(_ masks: TokenMasks) throws(GrammarError) {
        self.masks = masks
        matcher = try Matcher(masks.grammar)
    }

    /// The tokens that may come next. After the end, only end tokens.
    public func allowedTokens() throws(GrammarError) -> TokenSet {
        guard hasEnded else { return try masks.mask(for: matcher) }
        var mask = TokenSet(tokenCount: masks.trie.tokenCount)
        for token in masks.trie.endTokens { mask.insert(token) }
        return mask
    }

    /// Takes a token that was chosen.
    ///
    /// - Returns: Whether it was allowed; if not, nothing changes.
    public mutating func advance(_ token: UInt32) throws(GrammarError) -> Bool {
        if masks.trie.endTokens.contains(token) {
            guard hasEnded || matcher.mayEnd else { return false }
            hasEnded = true
            return true
        }
        let text = masks.trie.text(of: token)
        guard !hasEnded, !text.isEmpty else { return false }
        return try matcher.advance(text)
    }

    /// The bytes that must come next, at most `limit`: the grammar leaves no other way.
    public func forcedBytes(limit: Int = 4_096) throws(GrammarError) -> [UInt8] {
        hasEnded ? [] : try matcher.forcedBytes(limit: limit)
    }

    /// Whether the output is complete and nothing can follow.
    public var mustEnd: Bool { hasEnded || matcher.mustEnd }
}
