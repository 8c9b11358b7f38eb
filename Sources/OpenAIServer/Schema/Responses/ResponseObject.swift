import Scheduling
import Tokenization

/// A response: the answer of `POST /v1/responses`, and what its events report.
struct ResponseObject: Encodable, Sendable {
    enum Status: String, Encodable, Sendable {
        case inProgress = "in_progress"
        case completed, incomplete, failed
    }

    var id: String
    /// Seconds since 1970.
    var createdAt: Int
    var model: String
    var status = Status.inProgress
    var output: [ResponseItem] = []
    @Nullable var usage: ResponseUsage?
    @Nullable var error: Failure?
    @Nullable var incompleteDetails: IncompleteDetails?
    var settings: ResponseSettings

    struct Failure: Encodable, Sendable {
        var code: String
        var message: String
    }

    struct IncompleteDetails: Encodable, Sendable {
        var reason: String
    }

    private enum CodingKeys: String, CodingKey {
        case id, object, model, status, output, usage, error, background, store
        case createdAt = "created_at"
        case incompleteDetails = "incomplete_details"
        case previousResponseID = "previous_response_id"
    }

    func encode(to encoder: any Encoder) throws {
        try settings.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode("response", forKey: .object)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(model, forKey: .model)
        try container.encode(status, forKey: .status)
        try container.encode(output, forKey: .output)
        try container.encode(usage, forKey: .usage)
        try container.encode(error, forKey: .error)
        try container.encode(incompleteDetails, forKey: .incompleteDetails)
        // Nothing is stored, whatever was asked for.
        try container.encode(false, forKey: .store)
        try container.encode(false, forKey: .background)
        try container.encodeNil(forKey: .previousResponseID)
    }
}

/// What an answer repeats of its request, with defaults filled in.
struct ResponseSettings: Encodable, Sendable {
    @Nullable var instructions: String?
    @Nullable var maxOutputTokens: Int?
    @Nullable var maxToolCalls: Int?
    var metadata: JSONContent
    var parallelToolCalls: Bool
    var reasoning: JSONContent
    var serviceTier = "default"
    var temperature: Float
    var text: JSONContent
    var toolChoice: JSONContent
    var tools: JSONContent
    var topLogprobs: Int
    var topP: Float
    var truncation: String
    @Nullable var user: String?
    @Nullable var promptCacheKey: String?
    @Nullable var safetyIdentifier: String?

    init(
        _ fields: Fields,
        _ chat: ChatCompletionRequest,
        truncates: Bool
    ) throws(OpenAIError) {
        metadata = JSONContent(.object(try fields.object("metadata") ?? JinjaObject()))
        parallelToolCalls = chat.tools.isParallel
        var reasoning: JinjaObject = [
            "effort": JinjaValue.none, "summary": JinjaValue.none,
        ]
        reasoning["effort"] = try fields.fields("reasoning")?.value("effort")
        self.reasoning = JSONContent(.object(reasoning))
        temperature = chat.common.sampling.temperature
        var text = try fields.object("text") ?? JinjaObject()
        if text["format"]?.isNone ?? true { text["format"] = ["type": "text"] }
        self.text = JSONContent(.object(text))
        toolChoice = JSONContent(
            fields.value("tool_choice") ?? (chat.tools.tools.isEmpty ? "none" : "auto")
        )
        tools = JSONContent(JinjaValue(try fields.list("tools") ?? []))
        topLogprobs = chat.logprobCount ?? 0
        topP = chat.common.sampling.topP
        truncation = truncates ? "auto" : "disabled"
        instructions = try fields.string("instructions")
        maxOutputTokens = try fields.integer("max_output_tokens")
        maxToolCalls = try fields.integer("max_tool_calls")
        user = try fields.string("user")
        promptCacheKey = try fields.string("prompt_cache_key")
        safetyIdentifier = try fields.string("safety_identifier")
    }

    enum CodingKeys: String, CodingKey {
        case instructions, metadata, reasoning, temperature, text, tools, truncation, user
        case maxOutputTokens = "max_output_tokens"
        case maxToolCalls = "max_tool_calls"
        case parallelToolCalls = "parallel_tool_calls"
        case serviceTier = "service_tier"
        case toolChoice = "tool_choice"
        case topLogprobs = "top_logprobs"
        case topP = "top_p"
        case promptCacheKey = "prompt_cache_key"
        case safetyIdentifier = "safety_identifier"
    }
}

/// Tokens a response cost.
struct ResponseUsage: Encodable, Sendable {
    var usage: Usage

    private enum CodingKeys: String, CodingKey {
        case inputTokens = "input_tokens"
        case inputTokensDetails = "input_tokens_details"
        case outputTokens = "output_tokens"
        case outputTokensDetails = "output_tokens_details"
        case totalTokens = "total_tokens"
    }

    private enum DetailKeys: String, CodingKey {
        case cachedTokens = "cached_tokens"
        case cacheWriteTokens = "cache_write_tokens"
        case reasoningTokens = "reasoning_tokens"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(usage.promptTokens, forKey: .inputTokens)
        try container.encode(usage.completionTokens, forKey: .outputTokens)
        try container.encode(usage.promptTokens + usage.completionTokens, forKey: .totalTokens)
        var input = container.nestedContainer(keyedBy: DetailKeys.self, forKey: .inputTokensDetails)
        try input.encode(usage.cachedTokens, forKey: .cachedTokens)
        try input.encode(0, forKey: .cacheWriteTokens)
        var output = container.nestedContainer(
            keyedBy: DetailKeys.self,
            forKey: .outputTokensDetails
        )
        try output.encode(0, forKey: .reasoningTokens)
    }
}
