/// The bodies of OpenAI's and vLLM's answers, by name.
enum AnswerSchemas {
    static var all: [(name: String, schema: APISchema)] {
        [
            ("Error", error), ("Usage", usage), ("Completion", completion),
            ("CompletionLogprobs", completionLogprobs), ("PromptLogprobs", promptLogprobs),
            ("ChatCompletion", chat), ("ChatCompletionChunk", chatChunk),
            ("ChatLogprobs", chatLogprobs), ("TokenLogprob", tokenLogprob), ("ToolCall", toolCall),
            ("ModelList", modelList), ("Model", model), ("Tokenization", tokenization),
            ("Detokenization", detokenization), ("Report", report), ("Version", version),
            ("Load", load), ("DrainReport", drainReport), ("EmbeddingList", embeddings),
        ]
    }

    static let tokens = APISchema.list(.integer(0...Int.max))
    static let count = APISchema.integer(0...Int.max)
    private static let stopReason = APISchema.any(.string, .integer, .null)
    private static let finishReason = APISchema.word("stop", "length", "tool_calls", "abort")

    private static let error = APISchema.answer([
        "error": .answer([
            "message": .string, "type": .string, "param": .string.orNull, "code": .integer,
        ])
    ])

    private static let usage = APISchema.answer([
        "prompt_tokens": count, "completion_tokens": count, "total_tokens": count,
        "prompt_tokens_details": .answer(["cached_tokens": count]),
    ])

    private static let completion = APISchema.answer(
        [
            "id": .string, "object": .word("text_completion"), "created": .integer,
            "model": .string,
            "choices": .list(
                .answer(
                    [
                        "index": count, "text": .string,
                        "logprobs": .reference("CompletionLogprobs").orNull,
                        "finish_reason": finishReason.orNull, "stop_reason": stopReason,
                    ],
                    optional: [
                        "token_ids": tokens, "prompt_token_ids": tokens,
                        "prompt_logprobs": .reference("PromptLogprobs"),
                    ]
                )
            ),
        ],
        optional: ["usage": .reference("Usage"), "system_fingerprint": .string]
    )

    private static let completionLogprobs = APISchema.answer([
        "tokens": .list(.string), "token_logprobs": .list(.number.orNull),
        "top_logprobs": .list(.map(.number).orNull), "text_offset": .list(count),
    ])

    private static let promptLogprobs = APISchema.list(
        .map(.answer(["logprob": .number, "rank": .integer, "decoded_token": .string])).orNull
    )

    private static let chat = APISchema.answer(
        [
            "id": .string, "object": .word("chat.completion"), "created": .integer,
            "model": .string, "system_fingerprint": .string, "usage": .reference("Usage"),
            "choices": .list(
                .answer(
                    [
                        "index": count,
                        "message": .answer(
                            [
                                "role": .word("assistant"), "content": .string.orNull,
                                "refusal": .string.orNull,
                            ],
                            optional: ["tool_calls": .list(.reference("ToolCall"))]
                        ),
                        "logprobs": .reference("ChatLogprobs").orNull,
                        "finish_reason": finishReason.orNull, "stop_reason": stopReason,
                    ],
                    optional: ["token_ids": tokens]
                )
            ),
        ],
        optional: [
            "prompt_token_ids": tokens, "prompt_logprobs": .reference("PromptLogprobs"),
        ]
    )

    private static let chatChunk = APISchema.answer(
        [
            "id": .string, "object": .word("chat.completion.chunk"), "created": .integer,
            "model": .string,
            "choices": .list(
                .answer(
                    [
                        "index": count,
                        "delta": .answer(
                            [:],
                            optional: [
                                "role": .word("assistant"), "content": .string,
                                "tool_calls": .list(toolCallChunk),
                            ]
                        ),
                        "logprobs": .reference("ChatLogprobs").orNull,
                        "finish_reason": finishReason.orNull,
                    ],
                    optional: ["stop_reason": stopReason, "token_ids": tokens]
                )
            ),
        ],
        optional: ["usage": .reference("Usage"), "prompt_token_ids": tokens]
    )

    private static let toolCallChunk = APISchema.answer(
        [
            "index": count,
            "function": .answer(["arguments": .string], optional: ["name": .string]),
        ],
        optional: ["id": .string, "type": .word("function")]
    )

    private static let toolCall = APISchema.answer([
        "id": .string, "type": .word("function"),
        "function": .answer(["name": .string, "arguments": .string]),
    ])

    private static let chatLogprobs = APISchema.answer([
        "content": .list(.reference("TokenLogprob")).orNull,
        "refusal": .list(.reference("TokenLogprob")).orNull,
    ])

    private static let tokenLogprob = APISchema.answer([
        "token": .string, "logprob": .number, "bytes": .list(.integer(0...255)),
        "top_logprobs": .list(
            .answer(["token": .string, "logprob": .number, "bytes": .list(.integer(0...255))])
        ),
    ])

    private static let model = APISchema.answer([
        "id": .string, "object": .word("model"), "created": .integer, "owned_by": .string,
        "root": .string, "parent": .string.orNull, "max_model_len": count,
        "permission": .list(.anything),
    ])

    private static let modelList = APISchema.answer([
        "object": .word("list"), "data": .list(.reference("Model")),
    ])

    private static let tokenization = APISchema.answer([
        "count": count, "max_model_len": count, "tokens": tokens,
        "token_strs": .list(.string).orNull,
    ])

    private static let detokenization = APISchema.answer(["prompt": .string])

    private static let report = APISchema.answer(
        ["status": .word("loading", "ready", "draining", "failed")],
        optional: [
            "reason": .string, "phase": .word("downloading", "loading", "warming"),
            "progress": .number(0...1),
        ]
    )

    private static let drainReport = APISchema.answer([
        "status": .word("drained", "draining"), "in_flight": count,
    ])

    private static let embeddings = APISchema.answer([
        "id": .string, "object": .word("list"), "created": .integer, "model": .string,
        "data": .list(
            .answer([
                "object": .word("embedding"), "index": count,
                "embedding": .any(.list(.number), .string),
            ])
        ),
        "usage": .answer(["prompt_tokens": count, "total_tokens": count]),
    ])

    private static let version = APISchema.answer(["version": .string])
    private static let load = APISchema.answer(["server_load": count])
}
