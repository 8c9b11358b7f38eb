import Grammars
import Inference
import Scheduling
import Tokenization

/// What completions and chats share: how to sample, when to stop, what to send back. Checked and
/// with defaults filled in.
struct CommonFields: Sendable {
    var choiceCount: Int
    var sampling: SamplingParameters
    /// At least 1; what the request asked for, before the context's limit.
    var maxTokens: Int?
    var stopping: StopFields
    var rules: RuleFields
    /// The form that the output must have.
    var constraint: GrammarSource?
    var truncation: TruncationFields
    /// `nil` for none; otherwise how many of the most probable tokens to report for each token of
    /// the prompt, beside itself.
    var promptLogprobCount: Int?
    var streaming: StreamFields
    var skipsSpecialTokens: Bool
    /// Send token ids beside the text.
    var returnsTokenIDs: Bool
    /// In logprobs, spell each token `token_id:<id>`.
    var spellsTokensAsIDs: Bool
    var priority: Int
    var cacheSalt: String?
    var addsSpecialTokens: Bool?

    /// - Parameter maxTokens: the endpoint's own reading of its fields for it.
    init(
        _ fields: Fields,
        maxTokens: Int?,
        properties: EngineProperties,
        configuration: OpenAIServer.Configuration
    ) throws(OpenAIError) {
        try UnsupportedFields.check(fields)
        streaming = try StreamFields(fields)
        sampling = try SamplingParameters(fields, defaults: configuration.samplingDefaults)
        choiceCount = try Self.choiceCount(fields, sampling, limit: properties.maxChoiceCount)
        self.maxTokens = maxTokens
        stopping = try StopFields(
            fields,
            maxTokens: maxTokens,
            vocabularySize: properties.vocabularySize,
            limits: configuration.limits
        )
        rules = try RuleFields(
            fields,
            vocabularySize: properties.vocabularySize,
            configuration: configuration
        )
        constraint = try ConstraintFields.read(fields)
        truncation = try TruncationFields(
            fields,
            maxTokens: maxTokens,
            maxModelLength: properties.maxModelLength
        )
        promptLogprobCount = try PromptLogprobs.count(
            fields,
            isStreaming: streaming.isOn,
            properties: properties
        )
        skipsSpecialTokens = try fields.bool("skip_special_tokens") ?? true
        returnsTokenIDs = try fields.bool("return_token_ids") ?? false
        spellsTokensAsIDs = try fields.bool("return_tokens_as_token_ids") ?? false
        priority = try fields.integer("priority") ?? 0
        cacheSalt = try Self.cacheSalt(fields)
        addsSpecialTokens = try fields.bool("add_special_tokens")
        _ = try fields.string("user")
    }

    private static func choiceCount(
        _ fields: Fields,
        _ sampling: SamplingParameters,
        limit: Int
    ) throws(OpenAIError) -> Int {
        let count = try fields.integer("n") ?? 1
        if count < 1 { throw .badRequest("n", "n must be at least 1, got \(count).") }
        if count > limit { throw .badRequest("n", "n must be at most \(limit), got \(count).") }
        if sampling.isGreedy && count > 1 {
            throw .badRequest("n", "n must be 1 when using greedy sampling, got \(count).")
        }
        return count
    }

    private static func cacheSalt(_ fields: Fields) throws(OpenAIError) -> String? {
        guard let salt = try fields.string("cache_salt") else { return nil }
        let isPlain = !salt.contains { "@/\\\0".contains($0) }
        guard (1...128).contains(salt.count), isPlain else {
            throw .badRequest(
                "cache_salt",
                "cache_salt must have 1 to 128 characters, none of them '@', '/', '\\' or NUL."
            )
        }
        return salt
    }

    /// Checks a field that counts tokens to generate.
    static func tokenLimit(
        _ fields: Fields,
        _ name: String,
        maxModelLength: Int,
        least: Int = 1
    ) throws(OpenAIError) -> Int? {
        guard let count = try fields.integer(name) else { return nil }
        if count < least { throw .badRequest(name, "\(name) must be at least 1, got \(count).") }
        if count > maxModelLength {
            throw .badRequest(
                name,
                "\(name)=\(count) cannot be greater than max_model_len=\(maxModelLength). Please "
                    + "request fewer output tokens. (parameter=\(name), value=\(count))"
            )
        }
        return count
    }

    /// Checks how many logprobs are asked for. -1, vLLM's word for all, exceeds every limit.
    static func logprobCount(
        _ count: Int,
        _ name: String,
        kind: String = "sample",
        properties: EngineProperties
    ) throws(OpenAIError) -> Int {
        if count < -1 { throw .badRequest(name, "`\(name)` must be a positive value or -1.") }
        let asked = count == -1 ? properties.vocabularySize : count
        guard asked <= properties.maxLogprobCount else {
            throw .badRequest(
                name,
                "Requested \(kind) logprobs of \(asked), which is greater than max allowed: "
                    + "\(properties.maxLogprobCount)"
            )
        }
        return asked
    }
}
