import Tokenization

/// The body of `POST /tokenize`: a text, or a chat.
struct TokenizeRequest: Sendable {
    enum Input: Sendable {
        case text(String)
        case chat(ChatPrompt)
    }

    var input: Input
    /// By default for texts only: a chat's template writes what belongs there.
    var addsSpecialTokens: Bool
    /// Name every token beside its number.
    var returnsTokenStrings: Bool

    init(_ fields: Fields, configuration: OpenAIServer.Configuration) throws(OpenAIError) {
        if fields.value("messages") != nil {
            let tools = try ToolFields(fields).definitions
            input = .chat(try ChatPrompt(fields, tools: tools, configuration: configuration))
            addsSpecialTokens = try fields.bool("add_special_tokens") ?? false
        } else {
            guard let text = try fields.string("prompt") else { throw fields.missing("prompt") }
            input = .text(text)
            addsSpecialTokens = try fields.bool("add_special_tokens") ?? true
        }
        returnsTokenStrings = try fields.bool("return_token_strs") ?? false
    }
}

/// The answer of `POST /tokenize`.
struct TokenizeResponse: Encodable, Sendable {
    var count: Int
    var maxModelLength: Int
    var tokens: [UInt32]
    @Nullable var tokenStrings: [String]?

    enum CodingKeys: String, CodingKey {
        case count, tokens
        case maxModelLength = "max_model_len"
        case tokenStrings = "token_strs"
    }
}

/// The body of `POST /detokenize`.
struct DetokenizeRequest: Sendable {
    var tokens: [UInt32]

    init(_ fields: Fields, vocabularySize: Int) throws(OpenAIError) {
        guard let list = try fields.list("tokens") else { throw fields.missing("tokens") }
        tokens = []
        tokens.reserveCapacity(list.count)
        for element in list {
            guard let id = element.exactInteger else {
                throw fields.invalid(
                    "tokens",
                    "int_type",
                    "Input should be a list of valid integers"
                )
            }
            guard (0..<vocabularySize).contains(id) else {
                throw .badRequest("tokens", "Token id \(id) is out of vocabulary.")
            }
            tokens.append(UInt32(id))
        }
    }
}
