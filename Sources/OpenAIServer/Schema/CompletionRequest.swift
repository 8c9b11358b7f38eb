import Inference
import Scheduling
import Tokenization

/// The body of `POST /v1/completions`.
struct CompletionRequest: Sendable {
    var common: CommonFields
    var prompts: [Prompt]
    /// Start the answer with the prompt.
    var echoes: Bool
    /// Generate nothing: only the echoed prompt, usually for its logprobs.
    var isEchoOnly: Bool
    /// `nil` for none; otherwise how many of the most probable tokens to report per position.
    var logprobCount: Int?

    /// What to continue.
    enum Prompt: Sendable {
        case text(String)
        case tokens([TokenID])
    }

    /// vLLM's and OpenAI's default.
    static let defaultMaxTokens = 16

    init(
        _ fields: Fields,
        properties: EngineProperties,
        configuration: OpenAIServer.Configuration
    ) throws(OpenAIError) {
        echoes = try fields.bool("echo") ?? false
        let asked = try CommonFields.tokenLimit(
            fields,
            "max_tokens",
            maxModelLength: properties.maxModelLength,
            least: echoes ? 0 : 1
        )
        isEchoOnly = asked == 0
        let maxTokens = asked ?? configuration.samplingDefaults.maxTokens ?? Self.defaultMaxTokens
        common = try CommonFields(
            fields,
            maxTokens: max(1, maxTokens),
            properties: properties,
            configuration: configuration
        )
        logprobCount = nil
        if let count = try fields.integer("logprobs") {
            logprobCount = try CommonFields.logprobCount(count, "logprobs", properties: properties)
        }
        prompts = try Self.prompts(
            fields,
            vocabularySize: properties.vocabularySize,
            limit: configuration.limits.promptCount
        )
    }

    /// What the engine must know of the prompt's tokens: for `prompt_logprobs`, or for an echo with
    /// `logprobs`.
    var promptLogprobCount: Int? {
        let counts = [common.promptLogprobCount, echoes ? logprobCount : nil].compactMap(\.self)
        return counts.max()
    }

    private static func prompts(
        _ fields: Fields,
        vocabularySize: Int,
        limit: Int
    ) throws(OpenAIError) -> [Prompt] {
        guard let value = fields.value("prompt") else { throw emptyPrompt }
        if case .string(let text) = value { return [try prompt(text)] }
        guard let list = value.listValue else {
            throw fields.invalid(
                "prompt",
                "string_type",
                "Input should be a string, a list of strings, token ids, or a list of token ids"
            )
        }
        if list.first?.exactInteger != nil {
            return [try prompt(list, fields, vocabularySize: vocabularySize)]
        }
        if list.count > limit {
            throw .badRequest(
                "prompt",
                "prompt must have at most \(limit) entries, got \(list.count)."
            )
        }
        var prompts: [Prompt] = []
        for element in list {
            switch element {
            case .string(let text): prompts.append(try prompt(text))
            case .list(let ids):
                prompts.append(try prompt(ids.elements, fields, vocabularySize: vocabularySize))
            default:
                throw fields.invalid(
                    "prompt",
                    "string_type",
                    "Input should be a valid string or list of token ids"
                )
            }
        }
        if prompts.isEmpty { throw emptyPrompt }
        return prompts
    }

    private static func prompt(_ text: String) throws(OpenAIError) -> Prompt {
        if text.isEmpty { throw emptyPrompt }
        return .text(text)
    }

    private static func prompt(
        _ ids: [JinjaValue],
        _ fields: Fields,
        vocabularySize: Int
    ) throws(OpenAIError) -> Prompt {
        if ids.isEmpty { throw emptyPrompt }
        var tokens: [TokenID] = []
        tokens.reserveCapacity(ids.count)
        for element in ids {
            guard let id = element.exactInteger else {
                throw fields.invalid("prompt", "int_type", "Token ids should be valid integers")
            }
            guard (0..<vocabularySize).contains(id) else {
                throw .badRequest("prompt", "Token id \(id) is out of vocabulary.")
            }
            tokens.append(TokenID(id))
        }
        return .tokens(tokens)
    }

    private static let emptyPrompt = OpenAIError.badRequest(
        "prompt",
        "Either prompt or prompt_embeds must be provided and non-empty."
    )
}
