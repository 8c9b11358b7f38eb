import Scheduling

/// A model of one idea: what a position leaves in the KV cache depends on its token and on all
/// before it, and the next token depends on every cell of the context, in order.
struct FakeModel {
    var vocabularySize: UInt64
    /// Most of what it says comes again after so many tokens; nil: nothing does.
    var period: UInt64?

    /// What a position writes, from what the position before it wrote.
    static func cell(after previous: UInt64, token: TokenID) -> UInt64 {
        mix(previous &* 3 &+ UInt64(token) &+ 1)
    }

    /// Folds a cell of the context into the logits.
    static func read(_ cell: UInt64, into logits: UInt64) -> UInt64 {
        mix(logits ^ cell) &+ 0x1234_5678_9ABC_DEF1
    }

    /// Draws a token from the logits of a context.
    func sample(
        _ logits: UInt64,
        outputIndex: Int,
        parameters: SamplingParameters
    ) -> TokenID {
        let draw =
            parameters.isGreedy ? 0 : mix(parameters.seed &+ UInt64(outputIndex) &* 0x632B_E5AB)
        let drawn = mix(logits ^ draw)
        if let period, drawn % 8 != 0 {
            return TokenID(UInt64(outputIndex) % period % vocabularySize)
        }
        return TokenID(drawn % vocabularySize)
    }

    /// The logits of every position of some tokens, computed in one go.
    func logits(of tokens: [TokenID]) -> [UInt64] {
        var cell: UInt64 = 0
        var logits: UInt64 = 0
        return tokens.map { token in
            cell = Self.cell(after: cell, token: token)
            logits = Self.read(cell, into: logits)
            return logits
        }
    }

    /// What a choice of a request generates when nothing else exists: no blocks, no batches.
    func generate(
        _ request: SequenceRequest,
        choice: Int,
        modelLength: Int
    ) -> (tokens: [TokenID], reason: FinishReason) {
        let parameters = request.sampling.forChoice(choice)
        var cell: UInt64 = 0
        var logits: UInt64 = 0
        for token in request.promptTokens {
            cell = Self.cell(after: cell, token: token)
            logits = Self.read(cell, into: logits)
        }
        var outputs: [TokenID] = []
        while true {
            let token = sample(logits, outputIndex: outputs.count, parameters: parameters)
            outputs.append(token)
            if outputs.count >= request.stopping.minTokens,
                request.stopping.stopTokens.contains(token)
            {
                return (outputs, .stop(token))
            }
            if outputs.count == request.stopping.maxTokens
                || request.promptTokens.count + outputs.count == modelLength
            {
                return (outputs, .length)
            }
            cell = Self.cell(after: cell, token: token)
            logits = Self.read(cell, into: logits)
        }
    }
}
