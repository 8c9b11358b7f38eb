/// Fields that several requests have.
struct SharedFields: Sendable {
    /// What bounds them.
    let limits: OpenAIServer.Limits
    let maxModelLength: Int
    let vocabularySize: Int
    let maxChoiceCount: Int
    let maxLogprobCount: Int

    var tokenCount: APISchema { .integer(1...maxModelLength) }
    var tokenID: APISchema { .integer(0...vocabularySize - 1) }

    var stop: APISchema {
        let text = APISchema.string(1...limits.stopStringSize)
        return .any(text, .list(text, 0...limits.stopStringCount))
    }

    /// How tokens are drawn, and what ends an output.
    var sampling: APISchema.Members {
        [
            "temperature": .number(0...2),
            "top_p": .number(over: 0, atMost: 1),
            "top_k": .integer(-1...Int.max).described("0 or -1 keeps all tokens."),
            "min_p": .number(0...1),
            "seed": .integer,
            "presence_penalty": .number(-2...2),
            "frequency_penalty": .number(-2...2),
            "repetition_penalty": .number(over: 0, atMost: 100),
            "logit_bias": .map(.number).described("From token ids, as texts, to -100...100."),
            "allowed_token_ids": .list(tokenID, 1...Int.max),
            "bad_words": .list(.string(1...limits.badWordSize), 0...limits.badWordCount),
            "stop": stop,
            "stop_token_ids": .list(tokenID, 0...limits.stopTokenCount),
            "include_stop_str_in_output": .boolean,
            "ignore_eos": .boolean,
            "min_tokens": .integer(0...Int.max),
        ]
    }

    /// What completions and chats have beside their sampling.
    var common: APISchema.Members {
        [
            "model": .string.described("One of /v1/models; left out, the first of them."),
            "n": .integer(1...maxChoiceCount),
            "stream": .boolean,
            "stream_options": .request(
                [:],
                optional: [["include_usage": .boolean, "continuous_usage_stats": .boolean]]
            ),
            "prompt_logprobs": .integer(0...maxLogprobCount),
            "response_format": .reference("ResponseFormat"),
            "structured_outputs": .reference("StructuredOutputs"),
            "truncate_prompt_tokens": .integer(-1...maxModelLength),
            "truncation_side": .word("left", "right"),
            "add_special_tokens": .boolean,
            "skip_special_tokens": .boolean,
            "return_token_ids": .boolean,
            "return_tokens_as_token_ids": .boolean,
            "echo": .boolean,
            "priority": .integer,
            "cache_salt": .string(1...128),
            "user": .string,
        ]
    }

    /// What makes the prompt of a chat.
    var template: APISchema.Members {
        [
            "tools": .list(.reference("Tool"), 1...Int.max),
            "add_generation_prompt": .boolean,
            "continue_final_message": .boolean,
            "documents": .list(.anyObject),
            "chat_template": .string.described("Refused unless the server trusts it."),
            "chat_template_kwargs": .anyObject,
            "reasoning_effort": .string,
        ]
    }
}
