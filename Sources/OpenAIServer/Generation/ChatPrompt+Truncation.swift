import Inference
import Tokenization

extension ChatPrompt {
    /// Leaves out as many of the oldest turns as it takes for the rest, rendered by `model`, to fit
    /// its context. The messages before the first user's stay, and so does the last user's turn.
    func dropOldestTurns(_ model: ServedModel) throws(OpenAIError) -> Self {
        let limit = model.engine.properties.maxModelLength
        func fits(_ prompt: Self) throws(OpenAIError) -> Bool {
            let text = try model.render(prompt)
            return model.tokenizer.encode(text, addSpecialTokens: false).count < limit
        }
        if try fits(self) { return self }
        let starts = messages.indices.filter { messages[$0]["role"] == .string("user") }
        guard let first = starts.first else { return self }
        // The fewest turns that must go: a prompt only gets shorter with each.
        var (low, high) = (1, starts.count - 1)
        guard low <= high else { return self }
        while low < high {
            let middle = (low + high) / 2
            if try fits(dropping(first..<starts[middle])) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return dropping(first..<starts[low])
    }

    private func dropping(_ range: Range<Int>) -> Self {
        var prompt = self
        prompt.messages.removeSubrange(range)
        return prompt
    }
}
