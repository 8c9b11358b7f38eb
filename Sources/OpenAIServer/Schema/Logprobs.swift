import Inference
import Tokenization

/// How tokens are spelt in logprobs.
struct TokenSpelling: Sendable {
    let tokenizer: Tokenizer
    /// As `token_id:<id>` instead of text.
    let asIDs: Bool

    /// The token's text; bytes that are not UTF-8 by themselves read as replacement characters.
    func text(of token: UInt32) -> String {
        asIDs ? "token_id:\(token)" : String(decoding: tokenizer.bytes(of: token), as: UTF8.self)
    }

    /// JSON has no infinity; this is vLLM's stand-in for it.
    static func finite(_ logprob: Float) -> Float { max(logprob, -9999) }
}

/// The logprobs of a chat choice.
struct ChatLogprobs: Encodable, Sendable {
    @Nullable var content: [Position]?
    @Nullable var refusal: [Position]?

    struct Position: Encodable, Sendable {
        var token: String
        var logprob: Float
        var bytes: [UInt8]
        var topLogprobs: [Candidate]

        enum CodingKeys: String, CodingKey {
            case token, logprob, bytes
            case topLogprobs = "top_logprobs"
        }
    }

    struct Candidate: Encodable, Sendable {
        var token: String
        var logprob: Float
        var bytes: [UInt8]
    }

    init(_ positions: [PositionLogprobs], spelling: TokenSpelling) {
        content = positions.map { position in
            Position(
                token: spelling.text(of: position.chosen.token),
                logprob: TokenSpelling.finite(position.chosen.logprob),
                bytes: Array(spelling.tokenizer.bytes(of: position.chosen.token)),
                topLogprobs: position.top.map { candidate in
                    Candidate(
                        token: spelling.text(of: candidate.token),
                        logprob: TokenSpelling.finite(candidate.logprob),
                        bytes: Array(spelling.tokenizer.bytes(of: candidate.token))
                    )
                }
            )
        }
    }
}

/// The logprobs of a completions choice: parallel arrays, a place for each token.
struct CompletionLogprobs: Encodable, Sendable {
    var tokens: [String] = []
    /// `nil` for the first token of an echoed prompt, which nothing predicts.
    var tokenLogprobs: [Float?] = []
    /// The most probable tokens and the one that stands there.
    var topLogprobs: [[String: Float]?] = []
    /// Where each token begins in the choice's text, in code points; `tokens` joined is that text.
    var textOffset: [Int] = []

    enum CodingKeys: String, CodingKey {
        case tokens
        case tokenLogprobs = "token_logprobs"
        case topLogprobs = "top_logprobs"
        case textOffset = "text_offset"
    }

    /// Appends a token and moves `offset` past it.
    mutating func append(
        _ token: UInt32,
        _ position: PositionLogprobs?,
        spelling: TokenSpelling,
        offset: inout Int
    ) {
        let text = spelling.text(of: token)
        tokens.append(text)
        textOffset.append(offset)
        offset += text.unicodeScalars.count
        guard let position else {
            tokenLogprobs.append(nil)
            topLogprobs.append(nil)
            return
        }
        tokenLogprobs.append(TokenSpelling.finite(position.chosen.logprob))
        // Different tokens can read the same, as halves of characters do: the likelier one wins.
        var top: [String: Float] = [:]
        for candidate in position.top + [position.chosen] {
            let logprob = TokenSpelling.finite(candidate.logprob)
            top.merge([spelling.text(of: candidate.token): logprob]) { max($0, $1) }
        }
        topLogprobs.append(top)
    }
}
