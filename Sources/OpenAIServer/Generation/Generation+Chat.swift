import Grammars
import Inference
import Scheduling

extension Generation {
    /// Hands a chat to the engine.
    /// - Throws: `OpenAIError` if its prompt cannot be made or is too long, if its constraint
    ///   cannot be enforced, or if the engine does not take it.
    init(
        _ chat: ChatCompletionRequest,
        model: ServedModel,
        _ deadline: Duration?,
        _ ticket: InFlightRequests.Ticket
    ) throws(OpenAIError) {
        var common = chat.common
        if chat.tools.mayBeCalled && model.marksCallsWithSpecialToken {
            common.skipsSpecialTokens = false
        }
        let prompt = try model.encode(
            model.render(chat.prompt),
            addSpecialTokens: chat.common.addsSpecialTokens ?? false,
            truncation: chat.common.truncation
        )
        let request = GenerationRequest(
            prompt,
            chat.common,
            rules: chat.common.rules.rules(model.tokenizer),
            logprobCount: chat.logprobCount,
            promptLogprobCount: chat.common.promptLogprobCount,
            model: model,
            deadline: deadline
        )
        try self.init(
            prompts: [prompt],
            requests: [request],
            common: common,
            constraint: chat.constraint(model),
            model: model,
            ticket: ticket
        )
    }
}

extension ChatCompletionRequest {
    /// What every answer begins with that must be a call or have a form.
    fileprivate func constraint(_ model: ServedModel) throws(OpenAIError) -> ConstrainedText? {
        if let source = tools.constraint(format: model.toolCallFormat) {
            return try model.constrainedText(source, param: "tools")
        }
        guard let source = common.constraint else { return nil }
        return try model.constrainedText(source, param: constraintField)
    }
}
