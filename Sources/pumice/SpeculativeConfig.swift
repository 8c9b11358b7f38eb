import ArgumentParser
import Foundation
import Scheduling

/// What `--speculative-config` says, in vLLM's JSON.
struct SpeculativeConfig {
    let policy: DraftPolicy
    /// The draft model, as `--model` names one; nil where none makes the guesses.
    let model: String?

    private static let flag = "--speculative-config"

    /// - Throws: `ValidationError` for what is no such JSON or asks for what there is not.
    init(_ json: String) throws {
        let fields = try Fields(json)
        let method = fields.method ?? (fields.model == nil ? nil : "draft_model")
        switch method {
        case "ngram": self = try Self.lookup(fields)
        case "draft_model": self = try Self.draftModel(fields)
        default:
            throw ValidationError(
                "\(Self.flag) asks for \(method ?? "no method"); known are ngram and draft_model."
            )
        }
    }

    private init(policy: DraftPolicy, model: String? = nil) {
        self.policy = policy
        self.model = model
    }

    private static func lookup(_ fields: Fields) throws -> SpeculativeConfig {
        guard fields.model == nil else {
            throw ValidationError("\(flag): the method ngram takes no model.")
        }
        let longest = fields.promptLookupMax ?? max(fields.promptLookupMin ?? 0, 5)
        let shortest = fields.promptLookupMin ?? min(3, longest)
        try check("num_speculative_tokens", fields.numSpeculativeTokens, 1...64)
        try check("prompt_lookup_min", shortest, 1...64)
        try check("prompt_lookup_max", longest, 1...64)
        guard shortest <= longest else {
            throw ValidationError("\(flag): prompt_lookup_min is above prompt_lookup_max.")
        }
        return SpeculativeConfig(
            policy: DraftPolicy(
                draftTokenCount: fields.numSpeculativeTokens,
                lookupLengths: shortest...longest
            )
        )
    }

    private static func draftModel(_ fields: Fields) throws -> SpeculativeConfig {
        guard let model = fields.model, !model.isEmpty else {
            throw ValidationError("\(flag): the method draft_model needs a model.")
        }
        guard fields.promptLookupMin == nil, fields.promptLookupMax == nil else {
            throw ValidationError("\(flag): a draft model looks nothing up in the prompt.")
        }
        try check("num_speculative_tokens", fields.numSpeculativeTokens, 1...16)
        return SpeculativeConfig(
            policy: .model(draftTokenCount: fields.numSpeculativeTokens),
            model: model
        )
    }

    private static func check(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw ValidationError(
                "\(flag): \(key) is \(value); it must be in "
                    + "\(range.lowerBound)...\(range.upperBound)."
            )
        }
    }

    /// The JSON's keys.
    private struct Fields: Decodable {
        var method: String?
        var model: String?
        var numSpeculativeTokens: Int
        var promptLookupMin: Int?
        var promptLookupMax: Int?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case method, model
            case numSpeculativeTokens = "num_speculative_tokens"
            case promptLookupMin = "prompt_lookup_min"
            case promptLookupMax = "prompt_lookup_max"
        }

        init(_ json: String) throws {
            let object: [String: Any]
            do {
                let data = Data(json.utf8)
                object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
                self = try JSONDecoder().decode(Fields.self, from: data)
            } catch {
                throw ValidationError(
                    #"\#(flag) must be like {"method": "ngram", "num_speculative_tokens": 5}."#
                )
            }
            let known = CodingKeys.allCases.map(\.rawValue)
            if let unknown = object.keys.sorted().first(where: { !known.contains($0) }) {
                throw ValidationError(
                    "\(flag) has the key \(unknown); known are \(known.joined(separator: ", "))."
                )
            }
        }
    }
}
