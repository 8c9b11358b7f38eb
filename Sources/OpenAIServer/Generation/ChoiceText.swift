import Inference
import Scheduling
import Tokenization

/// What a choice grew by: text that is safe to send, and the tokens whose turn it was. All deltas
/// of a choice together have each of its tokens once.
struct ChoiceDelta: Sendable {
    var text = ""
    var tokens: [GeneratedToken] = []
    /// Set when the choice is complete.
    var ending: Ending?

    /// How a choice ended, in OpenAI's words.
    struct Ending: Sendable {
        /// `stop`, `length` or `abort`.
        var reason: String
        var stopReason: StopReason?
    }
}

/// One choice on its way from tokens to text.
///
/// Text is held back while it may turn out to be part of a stop string or of a character whose
/// bytes are not all there; a token that may end the choice is held back until the engine says
/// whether it did, because such a token is not part of the text.
struct ChoiceText: Sendable {
    private let stopping: StopFields
    /// Tokens that end the choice if the engine agrees.
    private let stopTokens: Set<TokenID>
    private var detokenizer: IncrementalDetokenizer
    private var matcher: StopStringMatcher
    private var pending: GeneratedToken?
    private var tokenCount = 0
    private(set) var isComplete = false

    init(
        tokenizer: Tokenizer,
        skipsSpecialTokens: Bool,
        stopping: StopFields,
        stopTokens: Set<TokenID>
    ) {
        self.stopping = stopping
        self.stopTokens = stopTokens
        detokenizer = IncrementalDetokenizer(tokenizer, skipSpecialTokens: skipsSpecialTokens)
        matcher = StopStringMatcher(stopping.strings, includeStop: stopping.isIncluded)
    }

    /// Takes the next token.
    mutating func append(_ token: GeneratedToken) -> ChoiceDelta {
        var delta = ChoiceDelta()
        guard !isComplete else { return delta }
        if let held = pending {
            pending = nil
            take(held, into: &delta)
            guard !isComplete else { return delta }
        }
        tokenCount += 1
        if stopTokens.contains(token.id) {
            pending = token
        } else {
            take(token, into: &delta)
        }
        return delta
    }

    /// The engine has ended the choice.
    mutating func finish(_ reason: FinishReason) -> ChoiceDelta {
        var delta = ChoiceDelta()
        guard !isComplete else { return delta }
        if let held = pending {
            pending = nil
            if case .stop(held.id) = reason, !stopping.isIncluded {
                delta.tokens.append(held)
            } else {
                take(held, into: &delta)
            }
        }
        if !isComplete { match(detokenizer.finish(), into: &delta) }
        if !isComplete {
            delta.text += matcher.flush()
            complete(&delta, ending(reason))
        }
        return delta
    }

    private mutating func take(_ token: GeneratedToken, into delta: inout ChoiceDelta) {
        delta.tokens.append(token)
        let text = detokenizer.append(token.id)
        // Up to `min_tokens` no stop string ends a choice, so its text passes unmatched.
        if tokenCount <= stopping.minTokens {
            delta.text += text
        } else {
            match(text, into: &delta)
        }
    }

    private mutating func match(_ text: String, into delta: inout ChoiceDelta) {
        let found = matcher.append(text)
        delta.text += found.emit
        guard let stop = found.stopped else { return }
        complete(&delta, .init(reason: "stop", stopReason: .string(stop)))
    }

    private mutating func complete(_ delta: inout ChoiceDelta, _ ending: ChoiceDelta.Ending) {
        isComplete = true
        delta.ending = ending
    }

    private func ending(_ reason: FinishReason) -> ChoiceDelta.Ending {
        switch reason {
        case .stop(let token):
            // The model's own end needs no explanation; a token the client named does.
            .init(reason: "stop", stopReason: stopping.tokens.contains(token) ? .token(token) : nil)
        case .length: .init(reason: "length")
        case .aborted: .init(reason: "abort")
        }
    }
}
