/// A checkpoint's chat template: conversation in, prompt out, exactly as Hugging Face's
/// `apply_chat_template` (transformers 5) would make it.
///
/// Compiled once; `render` may run on many threads at a time.
public struct ChatTemplate: Sendable {
    /// The text of the template.
    public let source: String
    private let template: JinjaTemplate
    private let specialTokens: [String: JinjaValue]

    /// `beginningOfSequence` and `endOfSequence` are the tokens' texts, which templates know as
    /// `bos_token` and `eos_token`. Throws `.invalidTemplate`.
    public init(
        source: String,
        beginningOfSequence: String = "",
        endOfSequence: String = "",
        limits: JinjaLimits = JinjaLimits()
    ) throws(ChatTemplateError) {
        do {
            template = try JinjaTemplate(source, limits: limits)
        } catch {
            throw .invalidTemplate(error)
        }
        self.source = source
        specialTokens = [
            "bos_token": .string(beginningOfSequence), "eos_token": .string(endOfSequence),
        ]
    }

    /// The prompt for `messages`, each an object with at least a `role`.
    ///
    /// - `tools`, `documents`: JSON objects, rendered with their keys in the order given.
    /// - `addGenerationPrompt`: whether the prompt ends where the assistant's answer begins.
    /// - `continueFinalMessage`: whether it ends inside the last message instead, so that the model
    ///   goes on with it. Both at once is refused.
    /// - `extra`: further variables, such as `enable_thinking`; they win over the standard ones.
    public func render(
        messages: [JinjaValue],
        tools: [JinjaValue]? = nil,
        documents: [JinjaValue]? = nil,
        addGenerationPrompt: Bool,
        continueFinalMessage: Bool = false,
        extra: [String: JinjaValue] = [:]
    ) throws(ChatTemplateError) -> String {
        try render(
            messages: messages,
            tools: tools,
            documents: documents,
            addGenerationPrompt: addGenerationPrompt,
            continueFinalMessage: continueFinalMessage,
            extra: extra,
            clock: .system
        )
    }

    package func render(
        messages: [JinjaValue],
        tools: [JinjaValue]? = nil,
        documents: [JinjaValue]? = nil,
        addGenerationPrompt: Bool,
        continueFinalMessage: Bool = false,
        extra: [String: JinjaValue] = [:],
        clock: WallClock
    ) throws(ChatTemplateError) -> String {
        if continueFinalMessage && addGenerationPrompt {
            throw .notContinuable(
                "a prompt either continues the last message or begins a new one: "
                    + "set only one of continue_final_message and add_generation_prompt"
            )
        }
        var messages = messages.map(Self.withReasoningAliases)
        let continuation = try continueFinalMessage ? Continuation(of: &messages) : nil
        var variables = specialTokens
        variables["messages"] = JinjaValue(messages)
        variables["tools"] = tools.map { JinjaValue($0) } ?? JinjaValue.none
        variables["documents"] = documents.map { JinjaValue($0) } ?? JinjaValue.none
        variables["add_generation_prompt"] = .bool(addGenerationPrompt)
        variables.merge(extra) { _, own in own }

        let prompt: String
        do {
            prompt = try template.render(variables, clock: clock)
        } catch {
            throw error.kind == .raised ? .refused(error.message) : .failed(error)
        }
        guard let continuation else { return prompt }
        return try continuation.cut(prompt)
    }

    /// Templates read a message's reasoning under different names: `reasoning_content` (most),
    /// `thinking` (gpt-oss). Whichever the client used, both are there.
    private static func withReasoningAliases(_ message: JinjaValue) -> JinjaValue {
        guard case .object(let object) = message else { return message }
        let names = ["reasoning_content", "thinking", "reasoning"]
        guard let reasoning = names.lazy.compactMap({ object[$0] }).first(where: { !$0.isNone })
        else { return message }
        var aliased = JinjaObject()
        aliased["thinking"] = reasoning
        for entry in object.entries { aliased.set(entry.key, to: entry.value) }
        aliased["reasoning_content"] = reasoning
        return .object(aliased)
    }
}
