extension Tokenizer {
    /// The tokens of a text, in time linear in its length but for a logarithm, whatever the text.
    ///
    /// - Parameters:
    ///   - text: at most 2^31 - 1 bytes of UTF-8.
    ///   - addSpecialTokens: whether to begin and end with the tokens that this model's texts begin
    ///     and end with. Not for what a chat template rendered, which has them.
    ///   - parseSpecialTokens: whether a special token's text becomes that token. When false it is
    ///     text like any other, and no special token comes out of the text.
    public func encode(
        _ text: String,
        addSpecialTokens: Bool,
        parseSpecialTokens: Bool = true
    ) -> [TokenID] {
        let bytes = Array(text.utf8)
        precondition(
            bytes.count <= TokenizerLimits.textByteCount,
            "a text of \(bytes.count) bytes, over \(TokenizerLimits.textByteCount)"
        )
        if case .pipeline(let pipeline) = algorithm {
            return encode(bytes, pipeline, addSpecialTokens, parseSpecialTokens)
        }
        var encoding = Encoding(algorithm: algorithm)
        encoding.tokens.reserveCapacity(bytes.count / 4 + 2)
        if addSpecialTokens, addsBeginningOfSequence, let beginningOfSequence {
            encoding.tokens.append(beginningOfSequence)
        }
        var start = 0
        while let match = specialTokens.firstMatch(
            in: bytes.span,
            from: start,
            where: { parseSpecialTokens || vocabulary.kinds[Int($0)] == .userDefined }
        ) {
            encoding.append(bytes.span.extracting(start..<match.range.lowerBound))
            encoding.append(special: match.token, vocabulary.kinds[Int(match.token)])
            start = match.range.upperBound
            if stripsRight.contains(match.token) { start = bytes.spaceEnd(after: start) }
        }
        encoding.append(bytes.span.extracting(start..<bytes.count))
        if addSpecialTokens, addsEndOfSequence, let endOfSequence {
            encoding.tokens.append(endOfSequence)
        }
        return encoding.tokens
    }

    private func encode(
        _ text: [UInt8],
        _ pipeline: TokenizerPipeline,
        _ addSpecialTokens: Bool,
        _ parseSpecialTokens: Bool
    ) -> [TokenID] {
        var tokens = addSpecialTokens ? pipeline.prefix : []
        tokens.reserveCapacity(text.count / 4 + 2)
        pipeline.encode(text, parsingSpecialTokens: parseSpecialTokens, into: &tokens)
        return addSpecialTokens ? tokens + pipeline.suffix : tokens
    }
}

/// The state of one encoding: the tokens so far and buffers.
private struct Encoding {
    let algorithm: Tokenizer.Algorithm
    var tokens: [UInt32] = []
    private var loop = MergeLoop()
    private var scalars = ScalarText()
    /// Where SentencePiece puts a space before a text: at the begin, and after each token that was
    /// cut out.
    private var isAtStart = true

    init(algorithm: Tokenizer.Algorithm) { self.algorithm = algorithm }

    mutating func append(special token: UInt32, _ kind: TokenKind) {
        tokens.append(token)
        isAtStart = true
    }

    /// Appends the tokens of text that has no special token in it.
    mutating func append(_ fragment: Span<UInt8>) {
        guard !fragment.isEmpty else { return }
        switch algorithm {
        case .bytePair(let model):
            append(fragment, model)
        case .sentencePiece(let model):
            model.encode(
                fragment,
                addingSpace: model.addsSpacePrefix && isAtStart,
                &loop,
                into: &tokens
            )
        case .pipeline: preconditionFailure("a pipeline encodes whole texts")
        }
        isAtStart = false
    }

    private mutating func append(_ fragment: Span<UInt8>, _ model: BytePairModel) {
        scalars.read(fragment)
        guard model.preTokenizer.composes, !scalars.isSurelyComposed else {
            return append(words: fragment, model)
        }
        let composed = NormalizationForm.nfc(scalars.values).utf8
        scalars.read(composed.span)
        append(words: composed.span, model)
    }

    /// Appends the tokens of `fragment`, whose scalars were read.
    private mutating func append(words fragment: Span<UInt8>, _ model: BytePairModel) {
        var scalar = 0
        var byte = 0
        while scalar < scalars.count {
            let scalarEnd = model.preTokenizer.wordEnd(scalars, scalar)
            let byteEnd = byte + scalars.byteCount(scalar..<scalarEnd)
            model.encode(fragment, byte..<byteEnd, &loop, into: &tokens)
            (scalar, byte) = (scalarEnd, byteEnd)
        }
    }
}
