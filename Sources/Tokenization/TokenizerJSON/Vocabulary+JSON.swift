extension Vocabulary {
    /// The tokens of a `tokenizer.json` by number. Numbers that are not given are tokens without a
    /// text, which nothing leads to.
    init(_ json: TokenizerJSON) throws(TokenizerError) {
        var texts: [String] = []
        var kinds: [TokenKind] = []
        func set(_ id: Int, _ text: String, _ kind: TokenKind) {
            while texts.count <= id {
                texts.append("")
                kinds.append(.unused)
            }
            (texts[id], kinds[id]) = (text, kind)
        }
        for (text, id) in json.numbered {
            guard (0..<TokenizerLimits.tokenCount).contains(id) else {
                throw .overLimit(
                    what: "a token number",
                    value: id,
                    limit: TokenizerLimits.tokenCount
                )
            }
            set(id, text, .normal)
        }
        for (id, token) in json.scored.enumerated() { set(id, token.text, .normal) }
        for token in json.addedTokens {
            set(Int(token.id), token.content, token.isSpecial ? .control : .userDefined)
        }
        try self.init(texts: texts, kinds: kinds)
    }

    /// The token `<0xNN>` of each byte, or nil if one is missing.
    var byteTokens: [UInt32]? {
        var tokens: [UInt32] = []
        for byte in 0..<256 {
            let digits = String(byte, radix: 16, uppercase: true)
            let text = "<0x\(byte < 16 ? "0" : "")\(digits)>"
            guard let token = index.token(for: Array(text.utf8).span) else { return nil }
            tokens.append(token)
        }
        return tokens
    }
}
