import Foundation
import Inference
import Tokenization

/// The body of `POST /v1/embeddings`.
struct EmbeddingRequest: Sendable {
    enum Format: String, Sendable {
        case float, base64
    }

    var common: CommonFields
    var inputs: [PromptFields.Prompt]
    var format: Format

    init(
        _ fields: Fields,
        properties: EngineProperties,
        configuration: OpenAIServer.Configuration
    ) throws(OpenAIError) {
        if fields.value("dimensions") != nil {
            throw .badRequest(
                "dimensions",
                "dimensions is not supported: this model's embeddings cannot be shortened. Leave "
                    + "it out."
            )
        }
        guard let format = Format(rawValue: try fields.string("encoding_format") ?? "float") else {
            throw .badRequest(
                "encoding_format",
                "encoding_format can be \"float\" or \"base64\"."
            )
        }
        self.format = format
        var shared = JinjaObject()
        for name in Self.shared { shared[name] = fields.value(name) }
        common = try CommonFields(
            Fields(shared),
            maxTokens: 1,
            properties: properties,
            configuration: configuration
        )
        inputs = try PromptFields.read(
            fields,
            "input",
            vocabularySize: properties.vocabularySize,
            limit: configuration.limits.promptCount
        )
    }

    /// Fields of other requests that mean something here.
    private static let shared = [
        "truncate_prompt_tokens", "truncation_side", "add_special_tokens", "priority",
        "cache_salt", "user",
    ]
}

/// The answer of `POST /v1/embeddings`.
struct EmbeddingResponse: Encodable, Sendable {
    var id: String
    var object = "list"
    var created: Int
    var model: String
    var data: [Embedding]
    var usage: Usage

    struct Embedding: Encodable, Sendable {
        var object = "embedding"
        var index: Int
        var embedding: Vector
    }

    /// Numbers, or the same as base64 of little-endian 32-bit floats.
    enum Vector: Encodable, Sendable {
        case numbers([Float])
        case text(String)

        /// - Parameter states: of length 1 in the answer, whatever theirs is.
        init(_ states: [Float], _ format: EmbeddingRequest.Format) {
            let square = states.reduce(0) { $0 + Double($1) * Double($1) }
            let scale = square > 0 ? 1 / square.squareRoot() : 0
            let unit = states.map { Float(Double($0) * scale) }
            switch format {
            case .float: self = .numbers(unit)
            case .base64:
                var bytes: [UInt8] = []
                bytes.reserveCapacity(4 * unit.count)
                for number in unit {
                    let bits = number.bitPattern
                    for shift in stride(from: 0, to: 32, by: 8) {
                        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift)))
                    }
                }
                self = .text(Data(bytes).base64EncodedString())
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .numbers(let numbers): try container.encode(numbers)
            case .text(let text): try container.encode(text)
            }
        }
    }

    struct Usage: Encodable, Sendable {
        var promptTokens: Int

        private enum CodingKeys: String, CodingKey {
            case promptTokens = "prompt_tokens"
            case totalTokens = "total_tokens"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(promptTokens, forKey: .promptTokens)
            try container.encode(promptTokens, forKey: .totalTokens)
        }
    }
}
