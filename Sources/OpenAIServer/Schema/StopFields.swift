import Scheduling
import Tokenization

/// When a choice ends, beside its length.
struct StopFields: Sendable {
    /// Texts that end a choice, wherever token borders fall.
    var strings: [String]
    var tokens: Set<TokenID>
    /// Whether the text that ended the choice is part of the answer.
    var isIncluded: Bool
    var ignoresEndOfSequence: Bool
    var minTokens: Int

    init(
        _ fields: Fields,
        maxTokens: Int?,
        vocabularySize: Int,
        limits: OpenAIServer.Limits
    ) throws(OpenAIError) {
        strings = try Self.strings(fields, limits: limits)
        tokens = try Self.tokens(fields, vocabularySize: vocabularySize, limits: limits)
        isIncluded = try fields.bool("include_stop_str_in_output") ?? false
        ignoresEndOfSequence = try fields.bool("ignore_eos") ?? false
        minTokens = try fields.integer("min_tokens") ?? 0
        if minTokens < 0 {
            throw .badRequest(
                "min_tokens",
                "min_tokens must be greater than or equal to 0, got \(minTokens)."
            )
        }
        if let maxTokens, minTokens > maxTokens {
            throw .badRequest(
                "min_tokens",
                "min_tokens must be less than or equal to max_tokens=\(maxTokens), "
                    + "got \(minTokens)."
            )
        }
    }

    private static func strings(
        _ fields: Fields,
        limits: OpenAIServer.Limits
    ) throws(OpenAIError) -> [String] {
        guard let value = fields.value("stop") else { return [] }
        var strings: [String] = []
        if let string = value.stringValue {
            strings = [string]
        } else {
            for element in value.listValue ?? [value] {
                guard let string = element.stringValue else {
                    throw fields.invalid(
                        "stop",
                        "string_type",
                        "Input should be a valid string or list of strings"
                    )
                }
                strings.append(string)
            }
        }
        if strings.count > limits.stopStringCount {
            throw .badRequest(
                "stop",
                "stop must have at most \(limits.stopStringCount) strings, got \(strings.count)."
            )
        }
        if strings.contains(where: \.isEmpty) {
            throw .badRequest("stop", "stop cannot contain an empty string.")
        }
        if strings.contains(where: { $0.utf8.count > limits.stopStringSize }) {
            throw .badRequest(
                "stop",
                "A stop string must have at most \(limits.stopStringSize) bytes."
            )
        }
        return strings
    }

    private static func tokens(
        _ fields: Fields,
        vocabularySize: Int,
        limits: OpenAIServer.Limits
    ) throws(OpenAIError) -> Set<TokenID> {
        guard let list = try fields.list("stop_token_ids") else { return [] }
        if list.count > limits.stopTokenCount {
            throw .badRequest(
                "stop_token_ids",
                "stop_token_ids must have at most \(limits.stopTokenCount) ids, got \(list.count)."
            )
        }
        var tokens: Set<TokenID> = []
        for element in list {
            guard let id = element.exactInteger else {
                throw fields.invalid(
                    "stop_token_ids",
                    "int_type",
                    "Input should be a list of valid integers"
                )
            }
            guard (0..<vocabularySize).contains(id) else {
                throw .badRequest(
                    "stop_token_ids",
                    "Token id \(id) is out of vocabulary. Vocabulary size: \(vocabularySize)"
                )
            }
            tokens.insert(TokenID(id))
        }
        return tokens
    }
}

/// Whether and how the answer is streamed.
struct StreamFields: Sendable {
    var isOn: Bool
    /// A last chunk with the usage of the whole request.
    var includesUsage = false
    /// Usage so far on every chunk.
    var includesContinuousUsage = false

    init(_ fields: Fields) throws(OpenAIError) {
        isOn = try fields.bool("stream") ?? false
        guard let options = try fields.fields("stream_options") else { return }
        guard isOn else {
            throw .badRequest(
                "stream_options",
                "Stream options can only be defined when `stream=True`."
            )
        }
        includesUsage = try options.bool("include_usage") ?? false
        includesContinuousUsage =
            try options.bool("continuous_usage_stats") ?? false && includesUsage
    }
}
