/// The bodies of OpenAI's responses API, by name.
struct ResponsesSchemas: Sendable {
    let fields: SharedFields

    var all: [(name: String, schema: APISchema)] {
        [
            ("ResponseRequest", request), ("InputItem", inputItem), ("FunctionTool", tool),
            ("Response", response), ("OutputItem", outputItem), ("OutputText", outputText),
            ("ResponseEvent", event),
        ]
    }

    private var request: APISchema {
        .request(
            ["input": .any(.string, .list(.reference("InputItem"), 1...Int.max))],
            optional: [
                [
                    "model": .string, "instructions": .string,
                    "max_output_tokens": fields.tokenCount, "stream": .boolean,
                    "tools": .list(.reference("FunctionTool")), "tool_choice": toolChoice,
                    "parallel_tool_calls": .boolean, "text": text,
                    "include": .list(
                        .word("message.output_text.logprobs", "reasoning.encrypted_content")
                    ),
                    "top_logprobs": .integer(0...fields.maxLogprobCount),
                    "reasoning": .request([:], optional: [["effort": .string]]),
                    "truncation": .word("auto", "disabled"),
                    "store": .boolean.described("Accepted; nothing is stored."),
                    "metadata": .anyObject, "max_tool_calls": .integer, "user": .string,
                    "prompt_cache_key": .string, "safety_identifier": .string,
                    "structured_outputs": .reference("StructuredOutputs"),
                    "chat_template_kwargs": .anyObject, "skip_special_tokens": .boolean,
                    "priority": .integer, "cache_salt": .string(1...128),
                ],
                fields.sampling,
            ]
        )
    }

    private var text: APISchema {
        .request(
            [:],
            optional: [
                [
                    "format": .any(
                        .request(["type": .word("text", "json_object")]),
                        .request(
                            ["type": .word("json_schema"), "schema": .anyObject],
                            optional: [["name": .string, "strict": .boolean]]
                        )
                    ),
                    "verbosity": .word("medium"),
                ]
            ]
        )
    }

    private var toolChoice: APISchema {
        let function = APISchema.request(["type": .word("function"), "name": .string])
        return .any(
            .word("none", "auto", "required"),
            function,
            .request([
                "type": .word("allowed_tools"), "mode": .word("auto", "required"),
                "tools": .list(function, 1...Int.max),
            ])
        )
    }

    private var tool: APISchema {
        .request(
            ["type": .word("function"), "name": .string(1...64)],
            optional: [["description": .string, "parameters": .anyObject, "strict": .boolean]]
        )
    }

    private var inputItem: APISchema {
        let content = APISchema.any(.string, .list(.reference("ContentPart")))
        return .any(
            .request(
                [
                    "role": .word("user", "assistant", "system", "developer"), "content": content,
                ],
                optional: [["type": .word("message")]]
            ),
            .request([
                "type": .word("function_call"), "call_id": .string, "name": .string,
                "arguments": .string.described("A JSON object."),
            ]),
            .request([
                "type": .word("function_call_output"), "call_id": .string, "output": content,
            ])
        )
    }

    private var response: APISchema {
        let status = APISchema.word("in_progress", "completed", "incomplete", "failed")
        return .answer([
            "id": .string, "object": .word("response"), "created_at": .integer, "model": .string,
            "status": status, "output": .list(.reference("OutputItem")),
            "usage": usage.orNull,
            "error": .answer(["code": .string, "message": .string]).orNull,
            "incomplete_details": .answer(["reason": .string]).orNull,
            "instructions": .string.orNull, "max_output_tokens": .integer.orNull,
            "max_tool_calls": .integer.orNull, "metadata": .anyObject,
            "parallel_tool_calls": .boolean, "reasoning": .anyObject, "service_tier": .string,
            "temperature": .number, "text": .anyObject, "tool_choice": .anything,
            "tools": .list(.anyObject), "top_logprobs": AnswerSchemas.count, "top_p": .number,
            "truncation": .word("auto", "disabled"), "user": .string.orNull,
            "prompt_cache_key": .string.orNull, "safety_identifier": .string.orNull,
            "store": .boolean, "background": .boolean, "previous_response_id": .null,
        ])
    }

    private var usage: APISchema {
        let count = AnswerSchemas.count
        return .answer([
            "input_tokens": count, "output_tokens": count, "total_tokens": count,
            "input_tokens_details": .answer([
                "cached_tokens": count, "cache_write_tokens": count,
            ]),
            "output_tokens_details": .answer(["reasoning_tokens": count]),
        ])
    }

    private var outputItem: APISchema {
        let status = APISchema.word("in_progress", "completed", "incomplete")
        return .any(
            .answer([
                "id": .string, "type": .word("message"), "status": status,
                "role": .word("assistant"), "content": .list(.reference("OutputText")),
            ]),
            .answer([
                "id": .string, "type": .word("function_call"), "status": status,
                "call_id": .string, "name": .string, "arguments": .string,
            ])
        )
    }

    private var outputText: APISchema {
        .answer([
            "type": .word("output_text"), "text": .string, "annotations": .list(.anything),
            "logprobs": .list(.reference("TokenLogprob")),
        ])
    }

    private var event: APISchema {
        let count = AnswerSchemas.count
        let logprobs = APISchema.list(.reference("TokenLogprob"))
        return .any(
            .answer([
                "type": .word(
                    "response.created",
                    "response.in_progress",
                    "response.completed",
                    "response.incomplete",
                    "response.failed"
                ), "sequence_number": count, "response": .reference("Response"),
            ]),
            .answer([
                "type": .word("response.output_item.added", "response.output_item.done"),
                "sequence_number": count, "output_index": count, "item": .reference("OutputItem"),
            ]),
            .answer([
                "type": .word("response.content_part.added", "response.content_part.done"),
                "sequence_number": count, "output_index": count, "item_id": .string,
                "content_index": count, "part": .reference("OutputText"),
            ]),
            .answer([
                "type": .word("response.output_text.delta"), "sequence_number": count,
                "output_index": count, "item_id": .string, "content_index": count,
                "delta": .string, "logprobs": logprobs,
            ]),
            .answer([
                "type": .word("response.output_text.done"), "sequence_number": count,
                "output_index": count, "item_id": .string, "content_index": count,
                "text": .string, "logprobs": logprobs,
            ]),
            .answer([
                "type": .word("response.function_call_arguments.delta"), "sequence_number": count,
                "output_index": count, "item_id": .string, "delta": .string,
            ]),
            .answer([
                "type": .word("response.function_call_arguments.done"), "sequence_number": count,
                "output_index": count, "item_id": .string, "name": .string, "arguments": .string,
            ])
        )
    }
}
