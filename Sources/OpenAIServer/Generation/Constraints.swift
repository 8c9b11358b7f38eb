import Grammars
import Inference
import Scheduling
import Tokenization

/// The constrained outputs of a request's choices, on their way.
struct ChoiceConstraints: Sendable {
    private let tokenizer: Tokenizer
    /// Whether tokens may be given to the engine that it has not drawn.
    private let forces: Bool
    private var choices: [Choice]

    private struct Choice: Sendable {
        var text: ConstrainedText
        var tokenCount = 0
        /// Given to the engine, and not reported by it yet; the text has them.
        var forced: ArraySlice<TokenID> = []
    }

    /// A token came that the mask had not allowed: a fault of the engine's.
    struct Broken: Error, CustomStringConvertible {
        let token: TokenID
        var description: String { "the token \(token) breaks the output's constraint" }
    }

    /// - Parameter forces: whether what the constraint leaves no choice about may be given to the
    ///   engine instead of being drawn.
    init(_ start: ConstrainedText, choiceCount: Int, _ tokenizer: Tokenizer, forces: Bool) {
        self.tokenizer = tokenizer
        self.forces = forces
        choices = Array(repeating: Choice(text: start), count: choiceCount)
    }

    /// Takes what the engine reports.
    /// - Returns: what the choice that grew may go on with; nil if that has been said already.
    mutating func take(_ event: GenerationEvent) throws -> AllowedTokens? {
        guard case .token(let choice, let token) = event else { return nil }
        if let expected = choices[choice].forced.popFirst() {
            guard expected == token.id else { throw Broken(token: token.id) }
            return nil
        }
        guard try choices[choice].text.advance(token.id) else { throw Broken(token: token.id) }
        choices[choice].tokenCount += 1
        let forced = forces ? try choices[choice].text.forcedTokens(tokenizer) : []
        choices[choice].forced = forced[...]
        choices[choice].tokenCount += forced.count
        return AllowedTokens(
            choice: choice,
            forced: forced,
            outputIndex: choices[choice].tokenCount,
            words: try choices[choice].text.allowedTokens().words
        )
    }
}

extension ConstrainedText {
    /// Shorter texts are not worth it: a token or two are drawn as fast.
    private static let leastForcedSize = 3
    /// A step computes so many of one sequence without making others wait long.
    private static let mostForcedSize = 256

    /// Advances over what must come next, and says in which tokens.
    ///
    /// They are those in which the model would write this text, but for the last one, which may go
    /// on into what is free: `"name` leads to `":` as well as to `"`, and which it is the model
    /// shall choose.
    mutating func forcedTokens(_ tokenizer: Tokenizer) throws -> [TokenID] {
        var bytes = try forcedBytes(limit: Self.mostForcedSize)
        // Of a last character it may leave only some bytes.
        while let last = bytes.last, last >= 0x80, String(validating: bytes, as: UTF8.self) == nil {
            bytes.removeLast()
        }
        guard bytes.count >= Self.leastForcedSize,
            let text = String(validating: bytes, as: UTF8.self)
        else { return [] }
        var tokens = tokenizer.encode(text, addSpecialTokens: false, parseSpecialTokens: false)
        // Tokenizers that mark the beginning of a text would add to it.
        guard tokens.flatMap(tokenizer.bytes(of:)) == bytes else { return [] }
        tokens.removeLast()
        var next = self
        for token in tokens {
            guard try next.advance(token) else { return [] }
        }
        self = next
        return tokens
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
