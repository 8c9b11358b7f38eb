import Inference
import Scheduling
import Tokenization

/// A prompt ready for the engine.
struct EncodedPrompt: Sendable {
    var tokens: [TokenID]
    /// The text it came from; `nil` when the client sent token ids.
    var text: String?
}

extension ServedModel {
    /// Encodes a prompt that still has to leave room for output.
    func encode(
        _ text: String,
        addSpecialTokens: Bool,
        truncation: TruncationFields
    ) throws(OpenAIError) -> EncodedPrompt {
        let limit = engine.properties.maxModelLength
        // A text longer than all tokens of a context together need not be encoded to be refused:
        // tokens stand for the text's own bytes, none is normalised away.
        let (size, overflow) = limit.multipliedReportingOverflow(by: longestTokenSize)
        if !overflow && text.utf8.count > size && truncation.tokenCount == nil {
            throw .textTooLong(byteCount: text.utf8.count, limit: limit)
        }
        let tokens = tokenizer.encode(
            text,
            addSpecialTokens: addSpecialTokens,
            parseSpecialTokens: true
        )
        if tokens.isEmpty {
            throw .badRequest("prompt", "The prompt has no tokens.")
        }
        return try check(EncodedPrompt(tokens: tokens, text: text), truncation: truncation)
    }

    /// Cuts a prompt as asked and checks that it leaves room for output.
    func check(
        _ prompt: EncodedPrompt,
        truncation: TruncationFields
    ) throws(OpenAIError) -> EncodedPrompt {
        let limit = engine.properties.maxModelLength
        let prompt = truncation.apply(to: prompt)
        guard prompt.tokens.count < limit else {
            throw .promptTooLong(tokenCount: prompt.tokens.count, limit: limit)
        }
        return prompt
    }
}

extension GenerationRequest {
    /// - Parameter rules: those of `common`, in tokens.
    init(
        _ prompt: EncodedPrompt,
        _ common: CommonFields,
        rules: LogitRules,
        logprobCount: Int?,
        promptLogprobCount: Int?,
        model: ServedModel,
        deadline: Duration?
    ) {
        // Prompt and output share the context: asking for more than is left means what is left.
        let room = model.engine.properties.maxModelLength - prompt.tokens.count
        let endOfGeneration =
            common.stopping.ignoresEndOfSequence ? [] : model.tokenizer.endOfGeneration
        let maxTokens = min(common.maxTokens ?? room, room)
        self.init(
            promptTokens: prompt.tokens,
            sampling: common.sampling,
            rules: rules,
            stopping: StopConditions(
                maxTokens: maxTokens,
                minTokens: min(common.stopping.minTokens, maxTokens),
                stopTokens: common.stopping.tokens.union(endOfGeneration)
            ),
            choiceCount: common.choiceCount,
            logprobCount: logprobCount,
            promptLogprobCount: promptLogprobCount,
            priority: common.priority,
            cacheSalt: common.cacheSalt,
            adapter: model.adapter?.id,
            deadline: deadline
        )
    }
}
