/// The bodies of OpenAI's and vLLM's requests, by name.
struct RequestSchemas: Sendable {
    let fields: SharedFields

    var all: [(name: String, schema: APISchema)] {
        [
            ("CompletionRequest", completion), ("ChatCompletionRequest", chat),
            ("ChatMessage", message), ("ContentPart", contentPart), ("Tool", tool),
            ("ToolChoice", toolChoice), ("ResponseFormat", responseFormat),
            ("StructuredOutputs", structuredOutputs), ("TokenizeRequest", tokenize),
            ("DetokenizeRequest", detokenize), ("EmbeddingRequest", embedding),
        ]
    }

    /// The bodies of requests that are there only where the server allows them.
    static let adapters: [(name: String, schema: APISchema)] = [
        (
            "LoadAdapterRequest",
            .request(
                ["lora_name": .string(1...256), "lora_path": .string(1...4096)],
                optional: [
                    ["load_inplace": .boolean, "is_3d_lora_weight": .boolean.described("false")]
                ]
            )
        ),
        ("UnloadAdapterRequest", .request(["lora_name": .string])),
    ]

    private var completion: APISchema {
        let text = APISchema.string(1...Int(Int32.max))
        let tokens = APISchema.list(fields.tokenID, 1...Int.max)
        let prompts = 1...fields.limits.promptCount
        return .request(
            ["prompt": .any(text, .list(text, prompts), tokens, .list(tokens, prompts))],
            optional: [
                [
                    "max_tokens": .integer(0...fields.maxModelLength)
                        .described("16 by default; 0 with echo only."),
                    "logprobs": .integer(0...fields.maxLogprobCount),
                ],
                fields.sampling, fields.common,
            ]
        )
    }

    private var chat: APISchema {
        .request(
            ["messages": .list(.reference("ChatMessage"), 1...fields.limits.messageCount)],
            optional: [
                [
                    "max_tokens": fields.tokenCount, "max_completion_tokens": fields.tokenCount,
                    "logprobs": .boolean,
                    "top_logprobs": .integer(0...fields.maxLogprobCount),
                    "tool_choice": .reference("ToolChoice"), "parallel_tool_calls": .boolean,
                ],
                fields.template, fields.sampling, fields.common,
            ]
        )
    }

    private var message: APISchema {
        .request(
            ["role": .string],
            optional: [
                [
                    "content": .any(
                        .string,
                        .list(.any(.string, .reference("ContentPart")))
                    ),
                    "tool_calls": .list(.anyObject), "tool_call_id": .string,
                    "reasoning_content": .string,
                ]
            ]
        )
    }

    private var contentPart: APISchema {
        .request(["type": .word("text", "input_text", "output_text"), "text": .string])
    }

    private var tool: APISchema {
        .request([
            "function": .request(
                ["name": .string(1...64)],
                optional: [["description": .string, "parameters": .anyObject, "strict": .boolean]]
            )
        ])
    }

    private var toolChoice: APISchema {
        .any(
            .word("none", "auto", "required"),
            .request([
                "type": .word("function"), "function": .request(["name": .string]),
            ])
        )
    }

    private var responseFormat: APISchema {
        .any(
            .request(["type": .word("text", "json_object")]),
            .request([
                "type": .word("json_schema"),
                "json_schema": .request(
                    [:],
                    optional: [["name": .string, "schema": .anyObject, "strict": .boolean]]
                ),
            ])
        )
    }

    private var structuredOutputs: APISchema {
        .request(
            [:],
            optional: [
                [
                    "json": .any(.anyObject, .string), "regex": .string,
                    "choice": .list(.string, 1...Int.max), "grammar": .string,
                    "json_object": .boolean, "disable_any_whitespace": .boolean,
                ]
            ]
        ).described("One of json, regex, choice, grammar and json_object.")
    }

    private var tokenize: APISchema {
        let common: APISchema.Members = [
            "model": .string, "add_special_tokens": .boolean, "return_token_strs": .boolean,
        ]
        let messages = APISchema.list(.reference("ChatMessage"), 1...fields.limits.messageCount)
        return .any(
            .request(["prompt": .string, "messages": .null], optional: [common]),
            .request(["prompt": .string], optional: [common]),
            .request(["messages": messages], optional: [common, fields.template])
        )
    }

    private var detokenize: APISchema {
        .request(["tokens": .list(fields.tokenID)], optional: [["model": .string]])
    }

    private var embedding: APISchema {
        let text = APISchema.string(1...Int(Int32.max))
        let tokens = APISchema.list(fields.tokenID, 1...Int.max)
        let inputs = 1...fields.limits.promptCount
        return .request(
            ["input": .any(text, .list(text, inputs), tokens, .list(tokens, inputs))],
            optional: [
                [
                    "model": .string, "encoding_format": .word("float", "base64"),
                    "truncate_prompt_tokens": .integer(-1...fields.maxModelLength),
                    "truncation_side": .word("left", "right"), "add_special_tokens": .boolean,
                    "priority": .integer, "cache_salt": .string(1...128), "user": .string,
                ]
            ]
        )
    }
}
