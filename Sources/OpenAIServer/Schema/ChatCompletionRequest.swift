import Inference
import Scheduling

/// The body of `POST /v1/chat/completions`.
struct ChatCompletionRequest: Sendable {
    var common: CommonFields
    /// The field that gives `common.constraint`, for errors.
    var constraintField = "response_format"
    var prompt: ChatPrompt
    var tools: ToolFields
    /// Start the answer with the last message when it is the assistant's.
    var echoes: Bool
    /// `nil` for none; otherwise how many of the most probable tokens to report per position.
    var logprobCount: Int?

    init(
        _ fields: Fields,
        properties: EngineProperties,
        configuration: OpenAIServer.Configuration
    ) throws(OpenAIError) {
        let limit = properties.maxModelLength
        let name =
            fields.value("max_completion_tokens") == nil ? "max_tokens" : "max_completion_tokens"
        let asked = try CommonFields.tokenLimit(fields, name, maxModelLength: limit)
        common = try CommonFields(
            fields,
            maxTokens: asked ?? configuration.samplingDefaults.maxTokens,
            properties: properties,
            configuration: configuration
        )
        logprobCount = try Self.logprobCount(fields, properties: properties)
        tools = try ToolFields(fields)
        if common.constraint != nil, tools.choice == .required || tools.isNamed {
            throw .badRequest(
                "tool_choice",
                "An output cannot have to be a call of a tool and a structured output at once. "
                    + "Leave one of tool_choice and response_format out."
            )
        }
        echoes = try fields.bool("echo") ?? false
        prompt = try ChatPrompt(fields, tools: tools.definitions, configuration: configuration)
    }

    private static func logprobCount(
        _ fields: Fields,
        properties: EngineProperties
    ) throws(OpenAIError) -> Int? {
        let isOn = try fields.bool("logprobs") ?? false
        let top = try fields.integer("top_logprobs")
        guard isOn else {
            if let top, top != 0 {
                throw .badRequest(
                    "top_logprobs",
                    "when using `top_logprobs`, `logprobs` must be set to true."
                )
            }
            return nil
        }
        return try CommonFields.logprobCount(top ?? 0, "top_logprobs", properties: properties)
    }
}
