import HTTPTypes
import Inference
import OpenAIServer
import Scheduling
import Testing
import Tokenization

@Suite struct ErrorTests {
    /// A request the server refuses, and how.
    struct Mistake: Sendable, CustomTestStringConvertible {
        var path = "/v1/completions"
        var body: String
        var status = 400
        var type = "BadRequestError"
        var param: String?
        var message: String

        var testDescription: String { "\(path) \(body.prefix(80))" }

        /// A mistake in a completions request; `fields` come after a good prompt.
        static func completion(_ fields: String, _ param: String, _ message: String) -> Self {
            Self(body: #"{"prompt":"a",\#(fields)}"#, param: param, message: message)
        }

        /// A mistake in a chat request; `fields` come after a good message.
        static func chat(_ fields: String, _ param: String, _ message: String) -> Self {
            Self(
                path: "/v1/chat/completions",
                body: #"{"messages":[{"role":"user","content":"a"}],\#(fields)}"#,
                param: param,
                message: message
            )
        }

        /// A body of the wrong form.
        static func form(
            _ path: String,
            _ body: String,
            _ param: String,
            _ detail: String
        ) -> Self {
            Self(
                path: path,
                body: body,
                type: "Bad Request",
                param: param,
                message: "1 validation error:\n  {\(detail)}"
            )
        }
    }

    private func check(_ mistake: Mistake) async throws {
        let fixture = try Fixture(saying: "never")
        let answer = try await fixture.post(mistake.path, mistake.body)
        #expect(answer.status == mistake.status)
        #expect(answer.headers[.contentType] == "application/json")
        let error = answer.json["error"]
        #expect(error["message"].stringValue == mistake.message)
        #expect(error["type"].stringValue == mistake.type)
        #expect(error["param"] == (mistake.param.map { .string($0) } ?? .none))
        #expect(error["code"].integerValue == mistake.status)
        #expect(fixture.engine.requests.isEmpty)
    }

    private static let wrongForms: [Mistake] = [
        .form(
            "/v1/completions",
            #"{"prompt":"a","max_tokens":"x"}"#,
            "body.max_tokens",
            "'type': 'int_type', 'loc': ('body', 'max_tokens'), "
                + "'msg': 'Input should be a valid integer', 'input': 'x'"
        ),
        .form(
            "/v1/completions",
            #"{"prompt":"a","max_tokens":1.5}"#,
            "body.max_tokens",
            "'type': 'int_type', 'loc': ('body', 'max_tokens'), "
                + "'msg': 'Input should be a valid integer', 'input': 1.5"
        ),
        .form(
            "/v1/completions",
            #"{"prompt":"a","temperature":"hot"}"#,
            "body.temperature",
            "'type': 'float_type', 'loc': ('body', 'temperature'), "
                + "'msg': 'Input should be a valid number', 'input': 'hot'"
        ),
        .form(
            "/v1/completions",
            #"{"prompt":"a","stream":1}"#,
            "body.stream",
            "'type': 'bool_type', 'loc': ('body', 'stream'), "
                + "'msg': 'Input should be a valid boolean', 'input': 1"
        ),
        .form(
            "/v1/completions",
            #"{"prompt":"a","model":["m"]}"#,
            "body.model",
            "'type': 'string_type', 'loc': ('body', 'model'), "
                + "'msg': 'Input should be a valid string', 'input': [...]"
        ),
        .form(
            "/v1/completions",
            #"[1]"#,
            "body",
            "'type': 'dict_type', 'loc': ('body',), "
                + "'msg': 'Input should be a valid dictionary', 'input': [...]"
        ),
        .form(
            "/v1/chat/completions",
            #"{"model":"tiny"}"#,
            "body.messages",
            "'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required', "
                + "'input': {...}"
        ),
        .form(
            "/v1/chat/completions",
            #"{"messages":[{"content":"a"}]}"#,
            "body.messages.0.role",
            "'type': 'missing', 'loc': ('body', 'messages', 0, 'role'), 'msg': 'Field required', "
                + "'input': {...}"
        ),
        .form(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":3}]}"#,
            "body.messages.0.content",
            "'type': 'string_type', 'loc': ('body', 'messages', 0, 'content'), "
                + "'msg': 'Input should be a valid string or list of content parts', 'input': 3"
        ),
        .form(
            "/v1/chat/completions",
            #"{"messages":["hi"]}"#,
            "body.messages.0",
            "'type': 'dict_type', 'loc': ('body', 'messages', 0), "
                + "'msg': 'Input should be a valid dictionary', 'input': 'hi'"
        ),
    ]

    @Test(arguments: wrongForms)
    func aFieldOfTheWrongFormIsNamed(_ mistake: Mistake) async throws { try await check(mistake) }

    private static let wrongValues: [Mistake] = [
        .completion(
            #""max_tokens":5000"#,
            "max_tokens",
            "max_tokens=5000 cannot be greater than max_model_len=128. Please request fewer output "
                + "tokens. (parameter=max_tokens, value=5000)"
        ),
        .chat(
            #""max_completion_tokens":129"#,
            "max_completion_tokens",
            "max_completion_tokens=129 cannot be greater than max_model_len=128. Please request "
                + "fewer output tokens. (parameter=max_completion_tokens, value=129)"
        ),
        .completion(
            #""temperature":-1"#,
            "temperature",
            "temperature must be non-negative, got -1."
        ),
        .completion(#""temperature":3"#, "temperature", "temperature must be in [0, 2], got 3."),
        .completion(#""top_p":0"#, "top_p", "top_p must be in (0, 1], got 0."),
        .completion(
            #""top_k":-5"#,
            "top_k",
            "top_k must be 0 (disable), or at least 1, got -5."
        ),
        .completion(#""min_p":2"#, "min_p", "min_p must be in [0, 1], got 2."),
        .completion(
            #""frequency_penalty":-2.5"#,
            "frequency_penalty",
            "frequency_penalty must be in [-2, 2], got -2.5."
        ),
        .completion(
            #""logit_bias":{"x":1,"5":2}"#,
            "logit_bias",
            "logit_bias contains key(s) that cannot be converted to integer token IDs: ['x']"
        ),
        .completion(
            #""logit_bias":{"263":1}"#,
            "logit_bias",
            "token_id(s) [263] in logit_bias contain out-of-vocab token ids. Vocabulary size: 263"
        ),
        .completion(
            #""allowed_token_ids":[]"#,
            "allowed_token_ids",
            "allowed_token_ids is not None and empty! Leave it out to allow every token."
        ),
        .completion(
            #""allowed_token_ids":[-1]"#,
            "allowed_token_ids",
            "allowed_token_ids contains out-of-vocab token id -1! Vocabulary size: 263"
        ),
        .completion(
            #""bad_words":["a"," "]"#,
            "bad_words",
            "bad_words cannot contain an empty string."
        ),
        .completion(
            #""prompt_logprobs":30"#,
            "prompt_logprobs",
            "Requested prompt logprobs of 30, which is greater than max allowed: 20"
        ),
        .chat(
            #""prompt_logprobs":-2"#,
            "prompt_logprobs",
            "`prompt_logprobs` must be a positive value or -1."
        ),
        .completion(
            #""prompt_logprobs":1,"stream":true"#,
            "prompt_logprobs",
            "`prompt_logprobs` are not available when `stream=True`."
        ),
        .completion(
            #""truncate_prompt_tokens":500"#,
            "truncate_prompt_tokens",
            "truncate_prompt_tokens value (500) is greater than max_model_len (128). Please "
                + "request a smaller truncation size."
        ),
        .completion(
            #""truncate_prompt_tokens":0"#,
            "truncate_prompt_tokens",
            "truncate_prompt_tokens must be -1 or at least 1, got 0."
        ),
        .completion(
            #""suffix":"b""#,
            "suffix",
            "suffix is not supported: this model has no format for text to fill in. Leave it out."
        ),
        .completion(
            #""presence_penalty":3"#,
            "presence_penalty",
            "presence_penalty must be in [-2, 2], got 3."
        ),
        .completion(
            #""repetition_penalty":0"#,
            "repetition_penalty",
            "repetition_penalty must be greater than zero, got 0."
        ),
        .completion(#""max_tokens":0"#, "max_tokens", "max_tokens must be at least 1, got 0."),
        .completion(#""n":0"#, "n", "n must be at least 1, got 0."),
        .completion(#""n":5"#, "n", "n must be at most 4, got 5."),
        .completion(
            #""n":2,"temperature":0"#,
            "n",
            "n must be 1 when using greedy sampling, got 2."
        ),
        .completion(
            #""min_tokens":10,"max_tokens":5"#,
            "min_tokens",
            "min_tokens must be less than or equal to max_tokens=5, got 10."
        ),
        .completion(
            #""stream_options":{"include_usage":true}"#,
            "stream_options",
            "Stream options can only be defined when `stream=True`."
        ),
        .completion(
            #""logprobs":30"#,
            "logprobs",
            "Requested sample logprobs of 30, which is greater than max allowed: 20"
        ),
        .chat(
            #""top_logprobs":3"#,
            "top_logprobs",
            "when using `top_logprobs`, `logprobs` must be set to true."
        ),
        .completion(
            #""stop_token_ids":[9999]"#,
            "stop_token_ids",
            "Token id 9999 is out of vocabulary. Vocabulary size: 263"
        ),
        .completion(#""stop":[""]"#, "stop", "stop cannot contain an empty string."),
        .completion(
            #""cache_salt":"a/b""#,
            "cache_salt",
            "cache_salt must have 1 to 128 characters, none of them '@', '/', '\\' or NUL."
        ),
        .chat(
            #""tools":[]"#,
            "tools",
            "`tools` must not be an empty array. Either provide at least one tool or omit the "
                + "field entirely."
        ),
        .chat(
            #""tool_choice":"auto""#,
            "tool_choice",
            "When using `tool_choice`, `tools` must be set."
        ),
        .chat(
            #""continue_final_message":true,"add_generation_prompt":true"#,
            "continue_final_message",
            "Cannot set both `continue_final_message` and `add_generation_prompt` to True."
        ),
        .chat(
            #""chat_template":"x""#,
            "chat_template",
            "Chat template is passed with request, but --trust-request-chat-template is not set. "
                + "Refused request with untrusted chat template."
        ),
        Mistake(
            body: #"{"prompt":""}"#,
            param: "prompt",
            message: "Either prompt or prompt_embeds must be provided and non-empty."
        ),
        Mistake(
            body: #"{}"#,
            param: "prompt",
            message: "Either prompt or prompt_embeds must be provided and non-empty."
        ),
        Mistake(
            body: #"{"prompt":[99999]}"#,
            param: "prompt",
            message: "Token id 99999 is out of vocabulary."
        ),
        Mistake(
            body: #"{"model":"gpt-4","prompt":"a"}"#,
            status: 404,
            type: "NotFoundError",
            param: "model",
            message: "The model `gpt-4` does not exist. Valid aliases: tiny, org/alias."
        ),
    ]

    @Test(arguments: wrongValues)
    func aWrongValueIsRefusedInVLLMsWords(_ mistake: Mistake) async throws {
        try await check(mistake)
    }

    @Test(arguments: [
        #""response_format":{"type":"xml"}"#, #""structured_outputs":{"structural_tag":"x"}"#,
        #""guided_regex":"a""#, #""suffix":"x""#, #""best_of":2"#, #""use_beam_search":true"#,
        #""logprob_token_ids":[1]"#, #""prompt_embeds":"x""#, #""modalities":["audio"]"#,
    ])
    func whatCannotBeHonouredIsRefusedByName(_ field: String) async throws {
        let fixture = try Fixture(saying: "never")
        let name = field.dropFirst().prefix { $0 != "\"" }
        let answer = try await fixture.post("/v1/completions", #"{"prompt":"a",\#(field)}"#)
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == .string(String(name)))
        #expect(answer.json["error"]["message"].stringValue?.contains(name) == true)
        #expect(fixture.engine.requests.isEmpty)
    }

    @Test(arguments: ["image_url", "input_audio", "video_url", "file"])
    func whatIsNotTextIsRefused(_ type: String) async throws {
        let answer = try await Fixture(saying: "never").post(
            "/v1/chat/completions",
            #"{"messages":[{"role":"user","content":[{"type":"\#(type)","\#(type)":{}}]}]}"#
        )
        #expect(answer.status == 400)
        #expect(answer.json["error"]["param"] == "messages.0.content.0")
        #expect(answer.json["error"]["message"].stringValue?.contains("'\(type)'") == true)
    }
}
