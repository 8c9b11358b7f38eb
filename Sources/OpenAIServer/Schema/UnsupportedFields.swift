import Tokenization

/// Fields that have a meaning the engine cannot give them yet. They are refused by name: an answer
/// that ignored them would look right and be wrong.
enum UnsupportedFields {
    static func check(_ fields: Fields) throws(OpenAIError) {
        try checkPenalties(fields)
        for name in ["logit_bias", "allowed_token_ids", "bad_words"] + constraints {
            if let value = fields.value(name), !value.isEmptyContainer { throw refuse(name) }
        }
        for name in absent where fields.value(name) != nil { throw refuse(name) }
        if try fields.bool("use_beam_search") ?? false { throw refuse("use_beam_search") }
        if let best = try fields.integer("best_of"), best != 1 { throw refuse("best_of") }
        if let format = try fields.fields("response_format"), try format.string("type") != "text" {
            throw .badRequest(
                "response_format",
                "response_format is not supported yet, except {\"type\": \"text\"}."
            )
        }
        if let modalities = try fields.list("modalities"), modalities != [.string("text")] {
            throw .badRequest("modalities", "modalities can only be [\"text\"].")
        }
    }

    /// Ways to constrain the output, today's and older ones.
    private static let constraints = [
        "structured_outputs", "guided_json", "guided_regex", "guided_choice", "guided_grammar",
    ]

    /// Fields that must not be there at all.
    private static let absent = [
        "suffix", "prompt_embeds", "prompt_logprobs", "logprob_token_ids", "truncate_prompt_tokens",
        "audio", "functions", "function_call", "kv_transfer_params", "thinking_token_budget",
        "repetition_detection", "mm_processor_kwargs",
    ]

    private static func checkPenalties(_ fields: Fields) throws(OpenAIError) {
        for name in ["presence_penalty", "frequency_penalty"] {
            guard let penalty = try fields.number(name), penalty != 0 else { continue }
            guard (-2...2).contains(penalty) else {
                throw .badRequest(name, "\(name) must be in [-2, 2], got \(penalty.plain).")
            }
            throw refuse(name, unless: "0")
        }
        guard let penalty = try fields.number("repetition_penalty"), penalty != 1 else { return }
        guard penalty > 0 else {
            throw .badRequest(
                "repetition_penalty",
                "repetition_penalty must be greater than zero, got \(penalty.plain)."
            )
        }
        throw refuse("repetition_penalty", unless: "1")
    }

    private static func refuse(_ name: String, unless value: String? = nil) -> OpenAIError {
        let other = value.map { " or send \($0)" } ?? ""
        return .badRequest(name, "\(name) is not supported yet. Leave it out\(other).")
    }
}

extension JinjaValue {
    fileprivate var isEmptyContainer: Bool {
        switch self {
        case .list(let list): list.isEmpty
        case .object(let object): object.isEmpty
        default: false
        }
    }
}
