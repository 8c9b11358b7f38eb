/// What a token is for: the values of `tokenizer.ggml.token_type`.
enum TokenKind: Int, Sendable {
    case normal = 1
    case unknown = 2
    /// Begin, end, role marks: no part of a text, unless a template put it there.
    case control = 3
    /// A text that is always one token, cut out before anything else.
    case userDefined = 4
    case unused = 5
    /// One byte, spelled `<0xNN>`.
    case byte = 6

    /// llama.cpp takes a number that it does not know for a token without properties; so do we.
    init(fileValue: Int) { self = TokenKind(rawValue: fileValue) ?? .normal }

    /// Whether the token is about the text rather than in it.
    var isSpecial: Bool { self == .control || self == .unknown }
}
