import Inference
import Scheduling
import Tokenization

/// What a request changes about the logits: penalties, biases, what may and may not be said.
struct RuleFields: Sendable {
    /// Complete but for the bad words.
    private var rules = LogitRules()
    /// Texts the output may not contain.
    private var badWords: [String] = []

    /// The largest bias in either direction; vLLM cuts those beyond it off, as OpenAI's API has it.
    private static let greatestBias = 100.0

    init(
        _ fields: Fields,
        vocabularySize: Int,
        configuration: OpenAIServer.Configuration
    ) throws(OpenAIError) {
        rules.presencePenalty = try Self.penalty(fields, "presence_penalty")
        rules.frequencyPenalty = try Self.penalty(fields, "frequency_penalty")
        let repetition =
            try fields.number("repetition_penalty")
            ?? configuration.samplingDefaults.repetitionPenalty
        guard repetition > 0, Float(repetition) > 0, Float(repetition).isFinite else {
            throw .badRequest(
                "repetition_penalty",
                "repetition_penalty must be greater than zero, got \(repetition.plain)."
            )
        }
        rules.repetitionPenalty = Float(repetition)
        rules.bias = try Self.bias(fields, vocabularySize: vocabularySize)
        rules.allowedTokens = try Self.allowedTokens(fields, vocabularySize: vocabularySize)
        badWords = try Self.badWords(fields, limits: configuration.limits)
    }

    /// The rules in tokens.
    ///
    /// A bad word is banned in both spellings it can have: at the start of a text, and after a
    /// space where the space belongs to the word's first token.
    func rules(_ tokenizer: Tokenizer) -> LogitRules {
        var rules = rules
        for word in badWords {
            let bare = String(word.drop(while: \.isWhitespace))
            let atStart = tokenizer.encode(bare, addSpecialTokens: false)
            let afterSpace = tokenizer.encode(" " + bare, addSpecialTokens: false)
            if !atStart.isEmpty { rules.bannedRuns.append(atStart) }
            if afterSpace.first != atStart.first, afterSpace.count == atStart.count {
                rules.bannedRuns.append(afterSpace)
            }
        }
        return rules
    }

    private static func penalty(_ fields: Fields, _ name: String) throws(OpenAIError) -> Float {
        let penalty = try fields.number(name) ?? 0
        guard (-2...2).contains(penalty) else {
            throw .badRequest(name, "\(name) must be in [-2, 2], got \(penalty.plain).")
        }
        return Float(penalty)
    }

    private static func bias(
        _ fields: Fields,
        vocabularySize: Int
    ) throws(OpenAIError) -> [TokenID: Float] {
        guard let given = try fields.fields("logit_bias") else { return [:] }
        var biases: [TokenID: Float] = [:]
        var notNumbers: [String] = []
        var unknown: [Int] = []
        for key in given.all.keys.compactMap(\.stringValue) {
            guard let token = Int(key) else {
                notNumbers.append("'\(key.prefix(32))'")
                continue
            }
            guard (0..<vocabularySize).contains(token) else {
                unknown.append(token)
                continue
            }
            let bias = try given.number(key) ?? 0
            biases[TokenID(token)] = Float(min(max(bias, -greatestBias), greatestBias))
        }
        if !notNumbers.isEmpty {
            throw .badRequest(
                "logit_bias",
                "logit_bias contains key(s) that cannot be converted to integer token IDs: "
                    + "[\(brief(notNumbers))]"
            )
        }
        if !unknown.isEmpty {
            throw .badRequest(
                "logit_bias",
                "token_id(s) [\(brief(unknown.map(String.init)))] in logit_bias contain "
                    + "out-of-vocab token ids. Vocabulary size: \(vocabularySize)"
            )
        }
        return biases
    }

    /// The first few of a list that a client may have made long.
    private static func brief(_ items: [String]) -> String {
        items.prefix(10).joined(separator: ", ") + (items.count > 10 ? ", ..." : "")
    }

    private static func allowedTokens(
        _ fields: Fields,
        vocabularySize: Int
    ) throws(OpenAIError) -> [TokenID]? {
        guard let list = try fields.list("allowed_token_ids") else { return nil }
        if list.isEmpty {
            throw .badRequest(
                "allowed_token_ids",
                "allowed_token_ids is not None and empty! Leave it out to allow every token."
            )
        }
        var tokens: Set<TokenID> = []
        for element in list {
            guard let token = element.exactInteger else {
                throw fields.invalid(
                    "allowed_token_ids",
                    "int_type",
                    "Input should be a list of valid integers"
                )
            }
            guard (0..<vocabularySize).contains(token) else {
                throw .badRequest(
                    "allowed_token_ids",
                    "allowed_token_ids contains out-of-vocab token id \(token)! Vocabulary size: "
                        + "\(vocabularySize)"
                )
            }
            tokens.insert(TokenID(token))
        }
        return tokens.sorted()
    }

    private static func badWords(
        _ fields: Fields,
        limits: OpenAIServer.Limits
    ) throws(OpenAIError) -> [String] {
        guard let list = try fields.list("bad_words") else { return [] }
        if list.count > limits.badWordCount {
            throw .badRequest(
                "bad_words",
                "bad_words must have at most \(limits.badWordCount) words, got \(list.count)."
            )
        }
        var words: [String] = []
        for element in list {
            guard let word = element.stringValue else {
                throw fields.invalid(
                    "bad_words",
                    "string_type",
                    "Input should be a list of valid strings"
                )
            }
            if word.allSatisfy(\.isWhitespace) {
                throw .badRequest("bad_words", "bad_words cannot contain an empty string.")
            }
            if word.utf8.count > limits.badWordSize {
                throw .badRequest(
                    "bad_words",
                    "A bad word must have at most \(limits.badWordSize) bytes."
                )
            }
            words.append(word)
        }
        return words
    }
}
