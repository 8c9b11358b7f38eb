import Inference
import Scheduling

/// How a prompt that is too long is made shorter.
struct TruncationFields: Sendable {
    /// Which end of the prompt is cut off.
    enum Side: String, Sendable {
        case left, right
    }

    /// The most tokens the prompt keeps; nil leaves it as it is.
    var tokenCount: Int?
    var side = Side.left

    /// - Parameter maxTokens: the tokens to generate, for which -1 leaves room.
    init(_ fields: Fields, maxTokens: Int?, maxModelLength: Int) throws(OpenAIError) {
        if let name = try fields.string("truncation_side") {
            guard let side = Side(rawValue: name) else {
                throw fields.invalid(
                    "truncation_side",
                    "literal_error",
                    "Input should be 'left' or 'right'"
                )
            }
            self.side = side
        }
        guard let count = try fields.integer("truncate_prompt_tokens") else { return }
        guard count == -1 || count >= 1 else {
            throw .badRequest(
                "truncate_prompt_tokens",
                "truncate_prompt_tokens must be -1 or at least 1, got \(count)."
            )
        }
        guard count <= maxModelLength else {
            throw .badRequest(
                "truncate_prompt_tokens",
                "truncate_prompt_tokens value (\(count)) is greater than max_model_len "
                    + "(\(maxModelLength)). Please request a smaller truncation size."
            )
        }
        tokenCount = count == -1 ? max(1, maxModelLength - (maxTokens ?? 1)) : count
    }

    /// The prompt, cut if it is too long.
    func apply(to prompt: EncodedPrompt) -> EncodedPrompt {
        guard let tokenCount, prompt.tokens.count > tokenCount else { return prompt }
        let tokens =
            side == .left ? prompt.tokens.suffix(tokenCount) : prompt.tokens.prefix(tokenCount)
        return EncodedPrompt(tokens: Array(tokens))
    }
}
