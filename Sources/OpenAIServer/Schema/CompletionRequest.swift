import Inference
import Scheduling

/// The body of `POST /v1/completions`.
struct CompletionRequest: Sendable {
    var common: CommonFields
    /// What to continue.
    var prompts: [PromptFields.Prompt]
    /// Start the answer with the prompt.
    var echoes: Bool
    /// Generate nothing: only the echoed prompt, usually for its logprobs.
    var isEchoOnly: Bool
    /// `nil` for none; otherwise how many of the most probable tokens to report per position.
    var logprobCount: Int?

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
        prompts = try PromptFields.read(
            fields,
            "prompt",
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
}
