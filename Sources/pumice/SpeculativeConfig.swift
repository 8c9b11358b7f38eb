import ArgumentParser
import Foundation
import Scheduling

/// What `--speculative-config` says, in vLLM's JSON.
struct SpeculativeConfig: Decodable {
    private var method: String
    private var numSpeculativeTokens: Int
    private var promptLookupMin: Int?
    private var promptLookupMax: Int?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case method
        case numSpeculativeTokens = "num_speculative_tokens"
        case promptLookupMin = "prompt_lookup_min"
        case promptLookupMax = "prompt_lookup_max"
    }

    /// - Throws: `ValidationError` for what is no such JSON or asks for what there is not.
    static func policy(_ json: String) throws -> DraftPolicy {
        let flag = "--speculative-config"
        let object: [String: Any]
        let config: SpeculativeConfig
        do {
            let data = Data(json.utf8)
            object = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
            config = try JSONDecoder().decode(SpeculativeConfig.self, from: data)
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
        guard config.method == "ngram" else {
            throw ValidationError("\(flag) asks for \(config.method); the one method is ngram.")
        }
        let longest = config.promptLookupMax ?? max(config.promptLookupMin ?? 0, 5)
        let shortest = config.promptLookupMin ?? min(3, longest)
        for (key, value) in [
            ("num_speculative_tokens", config.numSpeculativeTokens),
            ("prompt_lookup_min", shortest), ("prompt_lookup_max", longest),
        ] where !(1...64).contains(value) {
            throw ValidationError("\(flag): \(key) is \(value); it must be in 1...64.")
        }
        guard shortest <= longest else {
            throw ValidationError("\(flag): prompt_lookup_min is above prompt_lookup_max.")
        }
        return DraftPolicy(
            draftTokenCount: config.numSpeculativeTokens,
            lookupLengths: shortest...longest
        )
    }
}
