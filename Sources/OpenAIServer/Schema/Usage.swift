/// Tokens a request cost.
struct Usage: Encodable, Equatable, Sendable {
    var promptTokens = 0
    var completionTokens = 0
    /// Of the prompt's tokens, those whose keys and values were already there.
    var cachedTokens = 0

    private enum CodingKeys: String, CodingKey {
        case promptTokens = "prompt_tokens"
        case completionTokens = "completion_tokens"
        case totalTokens = "total_tokens"
        case promptTokensDetails = "prompt_tokens_details"
    }

    private enum DetailKeys: String, CodingKey {
        case cachedTokens = "cached_tokens"
    }

    func encode(to encoder: any Encoder) throws {
        var usage = encoder.container(keyedBy: CodingKeys.self)
        try usage.encode(promptTokens, forKey: .promptTokens)
        try usage.encode(completionTokens, forKey: .completionTokens)
        try usage.encode(promptTokens + completionTokens, forKey: .totalTokens)
        var details = usage.nestedContainer(keyedBy: DetailKeys.self, forKey: .promptTokensDetails)
        try details.encode(cachedTokens, forKey: .cachedTokens)
    }
}
