import Inference
import Tokenization

/// Turns a generation's updates into the choices of a chat answer: what a stream sends, chunk by
/// chunk, and a whole answer adds up.
struct ChatChoices {
    private let request: ChatCompletionRequest
    private let generation: Generation
    private let spelling: TokenSpelling
    /// What finds the calls of tools in each choice's text, where there may be some.
    private var toolCalls: [ToolCallReader?]
    /// Tokens each choice has cost.
    private var tokenCounts: [Int]
    private var cachedTokenCount = 0
    /// Known once the prompt has been computed, if they were asked for.
    private(set) var promptLogprobs: PromptLogprobs?

    init(_ request: ChatCompletionRequest, _ generation: Generation) {
        self.request = request
        self.generation = generation
        spelling = TokenSpelling(
            tokenizer: generation.model.tokenizer,
            asIDs: request.common.spellsTokensAsIDs
        )
        tokenCounts = Array(repeating: 0, count: generation.choiceCount)
        toolCalls = tokenCounts.map { _ in
            ToolCallReader(request.tools, format: generation.model.toolCallFormat)
        }
    }

    /// What the whole request has cost so far.
    var usage: Usage {
        Usage(
            promptTokens: generation.promptTokenCount,
            completionTokens: tokenCounts.reduce(0, +),
            cachedTokens: cachedTokenCount
        )
    }

    /// What the prompt and one choice have cost so far.
    func usage(ofChoice index: Int) -> Usage {
        Usage(
            promptTokens: generation.promptTokenCount,
            completionTokens: tokenCounts[index],
            cachedTokens: cachedTokenCount
        )
    }

    /// What to send after `update`; nothing when nothing can be seen of it.
    mutating func take(_ update: GenerationUpdate) -> [ChatCompletionChunk.Choice] {
        switch update {
        case .prompt(_, let cachedTokenCount, let logprobs):
            self.cachedTokenCount += cachedTokenCount
            promptLogprobs = request.common.promptLogprobCount.map {
                PromptLogprobs(logprobs, topCount: $0, spelling: spelling)
            }
            return (0..<generation.choiceCount).map { index in
                ChatCompletionChunk.Choice(
                    index: index,
                    delta: .init(role: "assistant", content: request.echoedText)
                )
            }
        case .choice(let index, let delta):
            return choice(index, delta).map { [$0] } ?? []
        case .idle, .embedding:
            return []
        }
    }

    private mutating func choice(_ index: Int, _ delta: ChoiceDelta) -> ChatCompletionChunk.Choice?
    {
        tokenCounts[index] += delta.tokens.count
        var choice = ChatCompletionChunk.Choice(index: index, delta: .init(content: delta.text))
        if let read = toolCalls[index]?.read(delta.text, isEnd: delta.ending != nil) {
            choice.delta.content = read.content.isEmpty ? nil : read.content
            if !read.calls.isEmpty { choice.delta.toolCalls = read.calls }
        }
        if let ending = delta.ending {
            choice.finishReason = toolCalls[index]?.finishReason(ending.reason) ?? ending.reason
            choice.stopReason = Nullable(wrappedValue: ending.stopReason)
        }
        if request.common.returnsTokenIDs { choice.tokenIDs = delta.tokens.map(\.id) }
        if request.logprobCount != nil, !delta.tokens.isEmpty {
            choice.logprobs = ChatLogprobs(delta.tokens.compactMap(\.logprobs), spelling: spelling)
        }
        let hasTokens = choice.logprobs != nil || choice.tokenIDs?.isEmpty == false
        let isEmpty = choice.delta.content?.isEmpty ?? true && choice.delta.toolCalls == nil
        return isEmpty && delta.ending == nil && !hasTokens ? nil : choice
    }
}

extension ChatCompletionRequest {
    /// What the answer starts with: nothing, or the assistant's own last message if it is echoed.
    fileprivate var echoedText: String {
        guard echoes, case .object(let last)? = prompt.messages.last,
            last["role"] == .string("assistant")
        else { return "" }
        return last["content"]?.stringValue ?? ""
    }
}

extension ChatCompletionResponse.Choice {
    /// Adds what came later.
    mutating func append(_ chunk: ChatCompletionChunk.Choice) {
        if let more = chunk.delta.content { message.content = (message.content ?? "") + more }
        if let calls = chunk.delta.toolCalls {
            var all = message.toolCalls ?? []
            for call in calls { all.append(call) }
            message.toolCalls = all
        }
        if let more = chunk.logprobs?.content {
            if logprobs == nil {
                logprobs = chunk.logprobs
            } else {
                logprobs?.content?.append(contentsOf: more)
            }
        }
        finishReason = chunk.finishReason ?? finishReason
        // An answer that is nothing but calls has no content.
        if chunk.finishReason != nil, message.toolCalls != nil, message.content == "" {
            message.content = nil
        }
        stopReason = chunk.stopReason?.wrappedValue ?? stopReason
        if let more = chunk.tokenIDs { tokenIDs = (tokenIDs ?? []) + more }
    }
}
