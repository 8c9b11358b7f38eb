import Tokenization

/// Fields that have a meaning the engine cannot give them yet. They are refused by name: an answer
/// that ignored them would look right and be wrong.
enum UnsupportedFields {
    static func check(_ fields: Fields) throws(OpenAIError) {
        if fields.value("suffix") != nil {
            throw .badRequest(
                "suffix",
                "suffix is not supported: this model has no format for text to fill in. Leave it "
                    + "out."
            )
        }
        for name in constraints {
            if let value = fields.value(name), !value.isEmptyContainer {
                throw .badRequest(
                    name,
                    "\(name) is not supported any more. Use structured_outputs."
                )
            }
        }
        for name in absent where fields.value(name) != nil { throw refuse(name) }
        if try fields.bool("use_beam_search") ?? false { throw refuse("use_beam_search") }
        if let best = try fields.integer("best_of"), best != 1 { throw refuse("best_of") }
        if let modalities = try fields.list("modalities"), modalities != [.string("text")] {
            throw .badRequest("modalities", "modalities can only be [\"text\"].")
        }
    }

    /// vLLM's older ways to constrain the output.
    private static let constraints = [
        "guided_json", "guided_regex", "guided_choice", "guided_grammar",
    ]

    /// Fields that must not be there at all.
    private static let absent = [
        "prompt_embeds", "logprob_token_ids", "audio", "functions", "function_call",
        "kv_transfer_params", "thinking_token_budget",
        "repetition_detection", "mm_processor_kwargs",
    ]

    private static func refuse(_ name: String) -> OpenAIError {
        .badRequest(name, "\(name) is not supported yet. Leave it out.")
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
