import Scheduling
import Tokenization

/// Prompts that are texts or token ids: one of them, or a list.
enum PromptFields {
    enum Prompt: Sendable {
        case text(String)
        case tokens([TokenID])
    }

    static func read(
        _ fields: Fields,
        _ name: String,
        vocabularySize: Int,
        limit: Int
    ) throws(OpenAIError) -> [Prompt] {
        guard let value = fields.value(name) else { throw empty(name) }
        if case .string(let text) = value { return [try prompt(text, name)] }
        guard let list = value.listValue else {
            throw fields.invalid(
                name,
                "string_type",
                "Input should be a string, a list of strings, token ids, or a list of token ids"
            )
        }
        if list.first?.exactInteger != nil {
            return [try prompt(list, fields, name, vocabularySize: vocabularySize)]
        }
        if list.count > limit {
            throw .badRequest(
                name,
                "\(name) must have at most \(limit) entries, got \(list.count)."
            )
        }
        var prompts: [Prompt] = []
        for element in list {
            switch element {
            case .string(let text): prompts.append(try prompt(text, name))
            case .list(let ids):
                prompts.append(
                    try prompt(ids.elements, fields, name, vocabularySize: vocabularySize)
                )
            default:
                throw fields.invalid(
                    name,
                    "string_type",
                    "Input should be a valid string or list of token ids"
                )
            }
        }
        if prompts.isEmpty { throw empty(name) }
        return prompts
    }

    private static func prompt(_ text: String, _ name: String) throws(OpenAIError) -> Prompt {
        if text.isEmpty { throw empty(name) }
        return .text(text)
    }

    private static func prompt(
        _ ids: [JinjaValue],
        _ fields: Fields,
        _ name: String,
        vocabularySize: Int
    ) throws(OpenAIError) -> Prompt {
        if ids.isEmpty { throw empty(name) }
        var tokens: [TokenID] = []
        tokens.reserveCapacity(ids.count)
        for element in ids {
            guard let id = element.exactInteger else {
                throw fields.invalid(name, "int_type", "Token ids should be valid integers")
            }
            guard (0..<vocabularySize).contains(id) else {
                throw .badRequest(name, "Token id \(id) is out of vocabulary.")
            }
            tokens.append(TokenID(id))
        }
        return .tokens(tokens)
    }

    private static func empty(_ name: String) -> OpenAIError {
        .badRequest(
            name,
            name == "prompt"
                ? "Either prompt or prompt_embeds must be provided and non-empty."
                : "\(name) must be provided and non-empty."
        )
    }
}

extension ServedModel {
    /// The tokens of a prompt, which leave room for output.
    func encode(
        _ prompt: PromptFields.Prompt,
        _ common: CommonFields
    ) throws(OpenAIError) -> EncodedPrompt {
        switch prompt {
        case .text(let text):
            try encode(
                text,
                addSpecialTokens: common.addsSpecialTokens ?? true,
                truncation: common.truncation
            )
        case .tokens(let tokens):
            try check(EncodedPrompt(tokens: tokens), truncation: common.truncation)
        }
    }
}
