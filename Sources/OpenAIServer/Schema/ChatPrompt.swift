import Tokenization

/// What the prompt of a chat is made of: the template's arguments, and which template.
struct ChatPrompt: Sendable {
    /// As the template sees them.
    var messages: [JinjaValue]
    /// The tools on offer, as the template sees them; nil for none.
    var tools: [JinjaValue]?
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

    /// - Parameter tools: the request's, which are checked elsewhere.
    init(
        _ fields: Fields,
        tools: [JinjaValue]?,
        configuration: OpenAIServer.Configuration
    ) throws(OpenAIError) {
        messages = try ChatMessages.read(fields, limit: configuration.limits.messageCount)
        self.tools = tools
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

extension ServedModel {
    /// The text that the model goes on from.
    /// - Throws: `OpenAIError` (400) where there is no template, or where it refuses the messages.
    func render(_ prompt: ChatPrompt) throws(OpenAIError) -> String {
        let own = try prompt.chatTemplate.map { (source) throws(OpenAIError) in
            try compile(source)
        }
        guard let template = own ?? chatTemplate else {
            throw OpenAIError.badRequest(
                "messages",
                "The model `\(name)` has no chat template. Use /v1/completions."
            )
        }
        do {
            return try template.render(
                messages: prompt.messages,
                tools: prompt.tools,
                documents: prompt.documents,
                addGenerationPrompt: prompt.addsGenerationPrompt,
                continueFinalMessage: prompt.continuesFinalMessage,
                extra: prompt.templateVariables
            )
        } catch {
            // Templates refuse what they cannot render, such as roles out of turn.
            throw OpenAIError.badRequest("messages", "\(error)")
        }
    }

    /// A template that came with a request.
    private func compile(_ source: String) throws(OpenAIError) -> ChatTemplate {
        func text(_ token: Tokenizer.TokenID?) -> String {
            token.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) } ?? ""
        }
        do {
            return try ChatTemplate(
                source: source,
                beginningOfSequence: text(tokenizer.beginningOfSequence),
                endOfSequence: text(tokenizer.endOfSequence)
            )
        } catch {
            throw .badRequest("chat_template", "\(error)")
        }
    }
}
