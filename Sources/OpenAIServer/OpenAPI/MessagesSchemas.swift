/// The bodies of Anthropic's API, by name.
struct MessagesSchemas: Sendable {
    let fields: SharedFields

    var all: [(name: String, schema: APISchema)] {
        [
            ("MessagesRequest", request), ("CountTokensRequest", countRequest),
            ("AnthropicMessage", turn), ("AnthropicTool", tool),
            ("AnthropicToolChoice", toolChoice), ("Message", message),
            ("MessageBlock", block), ("MessageUsage", usage), ("TokenCount", count),
            ("MessageEvent", event), ("AnthropicError", error),
        ]
    }

    private var optional: [APISchema.Members] {
        [
            [
                "model": .string,
                "system": .any(.string, .list(text)),
                "temperature": .number(0...2),
                "top_p": .number(over: 0, atMost: 1),
                "top_k": .integer(-1...Int.max),
                "min_p": .number(0...1),
                "seed": .integer,
                "stop_sequences": .list(
                    .string(1...fields.limits.stopStringSize),
                    0...fields.limits.stopStringCount
                ),
                "stream": .boolean,
                "tools": .list(.reference("AnthropicTool")),
                "tool_choice": .reference("AnthropicToolChoice"),
                "thinking": .request(["type": .word("disabled", "adaptive")]),
                "output_config": .request(
                    [:],
                    optional: [
                        [
                            "effort": .string,
                            "format": .request([
                                "type": .word("json_schema"), "schema": .anyObject,
                            ]),
                        ]
                    ]
                ),
                "metadata": .anyObject,
                "chat_template_kwargs": .anyObject,
                "cache_salt": .string(1...128),
                "priority": .integer,
            ]
        ]
    }

    private var messages: APISchema {
        .list(.reference("AnthropicMessage"), 1...fields.limits.messageCount)
    }

    private var request: APISchema {
        .request(["max_tokens": fields.tokenCount, "messages": messages], optional: optional)
    }

    private var countRequest: APISchema { .request(["messages": messages], optional: optional) }

    private var text: APISchema { .request(["type": .word("text"), "text": .string]) }

    private var turn: APISchema {
        let call = APISchema.request([
            "type": .word("tool_use"), "id": .string, "name": .string, "input": .anyObject,
        ])
        let result = APISchema.request(
            ["type": .word("tool_result"), "tool_use_id": .string],
            optional: [["content": .any(.string, .list(text)), "is_error": .boolean]]
        )
        let thinking = APISchema.request(["type": .word("thinking"), "thinking": .string])
        return .any(
            .request(["role": .word("user"), "content": .any(.string, .list(.any(text, result)))]),
            .request([
                "role": .word("assistant"),
                "content": .any(.string, .list(.any(text, call, thinking))),
            ])
        )
    }

    private var tool: APISchema {
        .request(
            ["name": .string(1...64), "input_schema": .anyObject],
            optional: [["type": .word("custom"), "description": .string]]
        )
    }

    private var toolChoice: APISchema {
        let parallel: APISchema.Members = ["disable_parallel_tool_use": .boolean]
        return .any(
            .request(["type": .word("auto", "any", "none")], optional: [parallel]),
            .request(["type": .word("tool"), "name": .string], optional: [parallel])
        )
    }

    private var message: APISchema {
        .answer([
            "id": .string, "type": .word("message"), "role": .word("assistant"), "model": .string,
            "content": .list(.reference("MessageBlock")),
            "stop_reason": stopReason, "stop_sequence": .string.orNull,
            "usage": .reference("MessageUsage"),
        ])
    }

    private var stopReason: APISchema {
        .word("end_turn", "max_tokens", "stop_sequence", "tool_use").orNull
    }

    private var block: APISchema {
        .any(
            .answer(["type": .word("text"), "text": .string]),
            .answer([
                "type": .word("tool_use"), "id": .string, "name": .string, "input": .anyObject,
            ])
        )
    }

    private var usage: APISchema {
        .answer([
            "input_tokens": AnswerSchemas.count, "output_tokens": AnswerSchemas.count,
            "cache_creation_input_tokens": AnswerSchemas.count,
            "cache_read_input_tokens": AnswerSchemas.count,
        ])
    }

    private var count: APISchema { .answer(["input_tokens": AnswerSchemas.count]) }

    private var event: APISchema {
        let index = AnswerSchemas.count
        return .any(
            .answer(["type": .word("ping", "message_stop")]),
            .answer(["type": .word("message_start"), "message": .reference("Message")]),
            .answer([
                "type": .word("content_block_start"), "index": index,
                "content_block": .reference("MessageBlock"),
            ]),
            .answer([
                "type": .word("content_block_delta"), "index": index,
                "delta": .any(
                    .answer(["type": .word("text_delta"), "text": .string]),
                    .answer(["type": .word("input_json_delta"), "partial_json": .string])
                ),
            ]),
            .answer(["type": .word("content_block_stop"), "index": index]),
            .answer([
                "type": .word("message_delta"), "usage": .reference("MessageUsage"),
                "delta": .answer(["stop_reason": stopReason, "stop_sequence": .string.orNull]),
            ]),
            .reference("AnthropicError")
        )
    }

    private var error: APISchema {
        .answer([
            "type": .word("error"), "error": .answer(["type": .string, "message": .string]),
        ])
    }
}
