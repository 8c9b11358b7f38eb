import Inference
import Scheduling
import Tokenization

/// The body of `POST /v1/chat/completions`.
struct ChatCompletionRequest: Sendable {
    var common: CommonFields
    /// As the template sees them.
    var messages: [JinjaValue]
    var tools: ToolFields
    /// End the prompt with the header of the answer.
    var addsGenerationPrompt: Bool
    /// Leave the last message open, for the model to go on with.
    var continuesFinalMessage: Bool
    /// Texts for the template to put before the conversation.
    var documents: [JinjaValue]?
    /// The request's own template, where the server trusts it.
    var chatTemplate: String?
    /// What else the template may look at.
    var templateVariables: [String: JinjaValue]
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
        messages = try ChatMessages.read(fields, limit: configuration.limits.messageCount)
        tools = try ToolFields(fields)
        if common.constraint != nil, tools.choice == .required || tools.isNamed {
            throw .badRequest(
                "tool_choice",
                "An output cannot have to be a call of a tool and a structured output at once. "
                    + "Leave one of tool_choice and response_format out."
            )
        }
        echoes = try fields.bool("echo") ?? false
        continuesFinalMessage = try fields.bool("continue_final_message") ?? false
        let addsGenerationPrompt = try fields.bool("add_generation_prompt")
        if continuesFinalMessage && addsGenerationPrompt == true {
            throw .badRequest(
                "continue_final_message",
                "Cannot set both `continue_final_message` and `add_generation_prompt` to True."
            )
        }
        self.addsGenerationPrompt = addsGenerationPrompt ?? !continuesFinalMessage
        documents = try fields.list("documents")
        chatTemplate = try fields.string("chat_template")
        if chatTemplate != nil && !configuration.trustsRequestChatTemplates {
            throw .badRequest(
                "chat_template",
                "Chat template is passed with request, but --trust-request-chat-template is not "
                    + "set. Refused request with untrusted chat template."
            )
        }
        templateVariables = try Self.templateVariables(fields)
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

    private static func templateVariables(_ fields: Fields) throws(OpenAIError) -> [String:
        JinjaValue]
    {
        let given = try fields.object("chat_template_kwargs") ?? JinjaObject()
        var variables: [String: JinjaValue] = [:]
        for (key, value) in zip(given.keys, given.values) {
            if let name = key.stringValue { variables[name] = value }
        }
        variables["reasoning_effort"] = fields.value("reasoning_effort")
        return variables
    }
}
