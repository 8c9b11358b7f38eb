extension Tokenizer {
    /// The bytes that a token stands for; they need not be whole characters. A special token has
    /// those of its text, a number outside the vocabulary none.
    public func bytes(of token: TokenID) -> [UInt8] { Array(byteSlice(of: token)) }

    /// The text of tokens. Bytes that are no valid UTF-8 become U+FFFD, one for each maximal part
    /// of a character, as the Unicode standard recommends (section 3.9).
    ///
    /// Where a space is put before a text, the first token's leading space is left out.
    public func decode(
        _ tokens: some Sequence<TokenID>,
        skipSpecialTokens: Bool
    ) -> String {
        var bytes: [UInt8] = []
        var isAtStart = true
        for token in tokens where !(skipSpecialTokens && isSpecial(token)) {
            bytes.append(contentsOf: byteSlice(of: token, isAtStart: &isAtStart))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of a token in the middle of a text, or at its start, which they then end.
    func byteSlice(of token: TokenID, isAtStart: inout Bool) -> ArraySlice<UInt8> {
        let slice = byteSlice(of: token)
        if case .pipeline(let pipeline) = algorithm {
            defer { isAtStart = false }
            return isAtStart ? pipeline.textStart(slice) : slice
        }
        guard isAtStart, !slice.isEmpty, !isSpecial(token) else { return slice }
        isAtStart = false
        if case .sentencePiece(let model) = algorithm, model.addsSpacePrefix, slice.first == 0x20 {
            return slice.dropFirst()
        }
        return slice
    }

    private func byteSlice(of token: TokenID) -> ArraySlice<UInt8> {
        guard Int(token) < vocabulary.count else { return [] }
        switch algorithm {
        case .bytePair(let model): return model.bytes[Int(token)]
        case .sentencePiece(let model): return model.bytes[Int(token)]
        case .pipeline(let pipeline): return pipeline.bytes[Int(token)]
        }
    }
}
