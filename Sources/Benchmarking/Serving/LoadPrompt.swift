/// What a request of a load asks: as token ids, where the server takes them, or as text.
public enum LoadPrompt: Sendable, Equatable {
    case tokens([Int])
    case text(String)
}

/// The body of a request of a load.
struct LoadBody: Encodable {
    var model: String
    var prompt: LoadPrompt
    /// Whether it goes to `/v1/chat/completions`.
    var isChat: Bool
    var maxTokens: Int
    /// Go on after an end of the text, so that outputs have the lengths that were drawn.
    var ignoresEnd: Bool

    private enum CodingKeys: String, CodingKey {
        case model, prompt, messages, temperature, stream
        case maxTokens = "max_tokens"
        case streamOptions = "stream_options"
        case ignoreEnd = "ignore_eos"
    }

    func encode(to encoder: any Encoder) throws {
        var body = encoder.container(keyedBy: CodingKeys.self)
        try body.encode(model, forKey: .model)
        switch prompt {
        case .tokens(let ids):
            precondition(!isChat, "a chat of \(ids.count) token ids")
            try body.encode(ids, forKey: .prompt)
        case .text(let text) where isChat:
            try body.encode([["role": "user", "content": text]], forKey: .messages)
        case .text(let text): try body.encode(text, forKey: .prompt)
        }
        try body.encode(maxTokens, forKey: .maxTokens)
        try body.encode(0, forKey: .temperature)
        try body.encode(true, forKey: .stream)
        try body.encode(["include_usage": true], forKey: .streamOptions)
        // A field of vLLM's that strict servers refuse: sent only where it says something.
        if ignoresEnd { try body.encode(true, forKey: .ignoreEnd) }
    }
}
