import Inference
import Scheduling

/// `prompt_logprobs` of an answer: for each token of the prompt its own logprob and those of the
/// most probable tokens at its place, by token id; null for the first, which nothing predicts.
struct PromptLogprobs: Encodable, Sendable {
    struct Entry: Encodable, Sendable {
        var logprob: Float
        /// From 1, among all tokens at that place.
        var rank: Int
        var decodedToken: String

        enum CodingKeys: String, CodingKey {
            case logprob, rank
            case decodedToken = "decoded_token"
        }
    }

    private var positions: [[String: Entry]?] = [nil]

    /// - Parameter topCount: how many of the most probable tokens to name, if there are more.
    init(_ logprobs: [PositionLogprobs], topCount: Int, spelling: TokenSpelling) {
        for position in logprobs {
            var entries: [String: Entry] = [:]
            for candidate in [position.chosen] + position.top.prefix(topCount) {
                entries["\(candidate.token)"] = Entry(
                    logprob: TokenSpelling.finite(candidate.logprob),
                    rank: candidate.rank,
                    decodedToken: spelling.text(of: candidate.token)
                )
            }
            positions.append(entries)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(positions)
    }

    /// Reads and checks the field of a request.
    static func count(
        _ fields: Fields,
        isStreaming: Bool,
        properties: EngineProperties
    ) throws(OpenAIError) -> Int? {
        let name = "prompt_logprobs"
        guard let count = try fields.integer(name) else { return nil }
        if isStreaming && count != 0 {
            throw .badRequest(name, "`prompt_logprobs` are not available when `stream=True`.")
        }
        return try CommonFields.logprobCount(count, name, kind: "prompt", properties: properties)
    }
}
