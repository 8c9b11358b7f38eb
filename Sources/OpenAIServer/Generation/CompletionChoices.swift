import Inference
import Tokenization

/// Turns a generation's updates into the choices of a completions answer: what a stream sends,
/// chunk by chunk, and a whole answer adds up.
struct CompletionChoices {
    private let request: CompletionRequest
    private let generation: Generation
    private let spelling: TokenSpelling
    /// Code points of text that each choice's logprobs have covered.
    private var offsets: [Int]
    /// Tokens each choice has cost.
    private var tokenCounts: [Int]
    private var cachedTokenCount = 0

    init(_ request: CompletionRequest, _ generation: Generation) {
        self.request = request
        self.generation = generation
        spelling = TokenSpelling(
            tokenizer: generation.model.tokenizer,
            asIDs: request.common.spellsTokensAsIDs
        )
        offsets = Array(repeating: 0, count: generation.choiceCount)
        tokenCounts = offsets
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
        let prompt = generation.prompts[index / request.common.choiceCount]
        return Usage(promptTokens: prompt.tokens.count, completionTokens: tokenCounts[index])
    }

    /// What to send after `update`; nothing when nothing can be seen of it.
    mutating func take(_ update: GenerationUpdate) -> [CompletionResponse.Choice] {
        switch update {
        case .prompt(let index, let cachedTokenCount, let logprobs):
            self.cachedTokenCount += cachedTokenCount
            guard
                request.echoes || request.common.returnsTokenIDs
                    || request.common.promptLogprobCount != nil
            else { return [] }
            let choices = request.common.choiceCount
            return (index * choices..<(index + 1) * choices).map { choice in
                echo(generation.prompts[index], logprobs, choice: choice)
            }
        case .choice(let index, let delta):
            return choice(index, delta).map { [$0] } ?? []
        case .idle, .embedding:
            return []
        }
    }

    private mutating func echo(
        _ prompt: EncodedPrompt,
        _ logprobs: [PositionLogprobs],
        choice index: Int
    ) -> CompletionResponse.Choice {
        var choice = CompletionResponse.Choice(index: index, text: "")
        if request.common.returnsTokenIDs { choice.promptTokenIDs = prompt.tokens }
        choice.promptLogprobs = request.common.promptLogprobCount.map {
            PromptLogprobs(logprobs, topCount: $0, spelling: spelling)
        }
        guard request.echoes else { return choice }
        choice.text =
            prompt.text
            ?? generation.model.tokenizer.decode(
                prompt.tokens,
                skipSpecialTokens: request.common.skipsSpecialTokens
            )
        guard let topCount = request.logprobCount else { return choice }
        var echoed = CompletionLogprobs()
        for (position, token) in prompt.tokens.enumerated() {
            var known = position > 0 && position <= logprobs.count ? logprobs[position - 1] : nil
            // `prompt_logprobs` may have asked for more.
            if let top = known?.top { known?.top = Array(top.prefix(topCount)) }
            echoed.append(token, known, spelling: spelling, offset: &offsets[index])
        }
        choice.logprobs = echoed
        return choice
    }

    private mutating func choice(_ index: Int, _ delta: ChoiceDelta) -> CompletionResponse.Choice? {
        var choice = CompletionResponse.Choice(index: index, text: "")
        choice.finishReason = delta.ending?.reason
        choice.stopReason = delta.ending?.stopReason
        if request.isEchoOnly {
            // The engine had to generate a token; the client asked for none.
            guard delta.ending != nil else { return nil }
            choice.finishReason = "length"
            choice.stopReason = nil
            return choice
        }
        tokenCounts[index] += delta.tokens.count
        choice.text = delta.text
        if request.common.returnsTokenIDs { choice.tokenIDs = delta.tokens.map(\.id) }
        if request.logprobCount != nil, !delta.tokens.isEmpty {
            var logprobs = CompletionLogprobs()
            for token in delta.tokens {
                logprobs.append(
                    token.id,
                    token.logprobs,
                    spelling: spelling,
                    offset: &offsets[index]
                )
            }
            choice.logprobs = logprobs
        }
        let hasTokens = choice.logprobs != nil || choice.tokenIDs?.isEmpty == false
        return delta.text.isEmpty && delta.ending == nil && !hasTokens ? nil : choice
    }
}

extension CompletionResponse.Choice {
    /// Adds what came later.
    mutating func append(_ other: Self) {
        text += other.text
        if let more = other.logprobs { logprobs = logprobs?.appending(more) ?? more }
        finishReason = other.finishReason ?? finishReason
        stopReason = other.stopReason ?? stopReason
        if let more = other.tokenIDs { tokenIDs = (tokenIDs ?? []) + more }
        promptTokenIDs = other.promptTokenIDs ?? promptTokenIDs
        promptLogprobs = other.promptLogprobs ?? promptLogprobs
    }
}

extension CompletionLogprobs {
    fileprivate func appending(_ other: Self) -> Self {
        Self(
            tokens: tokens + other.tokens,
            tokenLogprobs: tokenLogprobs + other.tokenLogprobs,
            topLogprobs: topLogprobs + other.topLogprobs,
            textOffset: textOffset + other.textOffset
        )
    }
}
