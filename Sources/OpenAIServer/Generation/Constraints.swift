import Grammars
import Inference
import Scheduling
import Tokenization

/// The constrained outputs of a request's choices, on their way.
struct ChoiceConstraints: Sendable {
    private var texts: [ConstrainedText]
    private var tokenCounts: [Int]

    /// A token came that the mask had not allowed: a fault of the engine's.
    struct Broken: Error, CustomStringConvertible {
        let token: TokenID
        var description: String { "the token \(token) breaks the output's constraint" }
    }

    init(_ start: ConstrainedText, choiceCount: Int) {
        texts = Array(repeating: start, count: choiceCount)
        tokenCounts = Array(repeating: 0, count: choiceCount)
    }

    /// Takes what the engine reports.
    /// - Returns: what the choice that grew may go on with.
    mutating func take(_ event: GenerationEvent) throws -> AllowedTokens? {
        guard case .token(let choice, let token) = event else { return nil }
        guard try texts[choice].advance(token.id) else { throw Broken(token: token.id) }
        tokenCounts[choice] += 1
        return AllowedTokens(
            choice: choice,
            outputIndex: tokenCounts[choice],
            words: try texts[choice].allowedTokens().words
        )
    }
}

extension TokenTrie {
    /// What each token of a tokenizer adds to an output. Special tokens add nothing and are never
    /// right in a constrained output, but for the mark with which a model begins its calls.
    init(_ tokenizer: Tokenizer, format: ToolCallFormat) {
        let texts = (0..<UInt32(tokenizer.vocabularySize)).map { token -> [UInt8] in
            let bytes = tokenizer.bytes(of: token)
            guard tokenizer.isSpecial(token) else { return bytes }
            return format.marker.map { Array($0.utf8) == bytes } ?? false ? bytes : []
        }
        self.init(texts, endTokens: tokenizer.endOfGeneration)
    }
}

extension ServedModel {
    /// The beginning of an output under a constraint.
    /// - Throws: `OpenAIError` (400) for one that cannot be enforced, naming `param`.
    func constrainedText(
        _ source: GrammarSource,
        param: String
    ) throws(OpenAIError) -> ConstrainedText {
        do {
            return try ConstrainedText(grammars.masks(for: source))
        } catch {
            throw OpenAIError(error, param: param)
        }
    }

    /// Whether the mark before calls is a special token, which would be left out of the text.
    var marksCallsWithSpecialToken: Bool {
        guard let marker = toolCallFormat.marker, let token = tokenizer.token(for: marker) else {
            return false
        }
        return tokenizer.isSpecial(token)
    }
}
