internal import Checkpoints
import Foundation

/// What a folder in Hugging Face's layout says of text: `tokenizer.json`, `tokenizer_config.json`,
/// `chat_template.jinja` and `generation_config.json`, of which only the first must be there.
public struct TokenizerFolder: Sendable {
    public let tokenizer: Tokenizer
    /// The source of the chat template.
    public let chatTemplate: String?
    /// How the model's makers sample.
    public let generation: GenerationDefaults

    /// Reads the folder at `path`. Throws a `TokenizerError` that names the file.
    public init(path: String) throws(TokenizerError) {
        let tokenizerPath = path + "/tokenizer.json"
        guard let bytes = try Self.contents(tokenizerPath) else {
            throw .file(
                path: tokenizerPath,
                problem: "it is not there; a folder without it needs its tokenizer converted, as "
                    + "'AutoTokenizer.from_pretrained(folder).save_pretrained(folder)' does"
            )
        }
        let config = try Self.json(path + "/tokenizer_config.json") ?? .object([:])
        generation = GenerationDefaults(
            try Self.json(path + "/generation_config.json") ?? .object([:])
        )
        chatTemplate = try Self.template(path, config)
        var names = SpecialTokenNames()
        names.beginning = Self.text(of: config["bos_token"])
        names.end = Self.text(of: config["eos_token"])
        names.ends = generation.endOfGeneration
        tokenizer = try Tokenizer(json: bytes, path: tokenizerPath, names: names)
    }

    /// A file, or nil where there is none.
    private static func contents(_ path: String) throws(TokenizerError) -> [UInt8]? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .file(path: path, problem: "it cannot be read")
        }
        guard data.count <= TokenizerLimits.fileByteCount else {
            throw .file(
                path: path,
                problem: "it has \(data.count) bytes, over \(TokenizerLimits.fileByteCount)"
            )
        }
        return [UInt8](data)
    }

    private static func json(_ path: String) throws(TokenizerError) -> JSONValue? {
        guard let bytes = try contents(path) else { return nil }
        do {
            return try JSONValue(bytes)
        } catch {
            throw .file(path: path, problem: error.description)
        }
    }

    /// A token's text, or an object with it as `content`.
    private static func text(of token: JSONValue?) -> String? {
        token?.string ?? token?["content"]?.string
    }

    /// The template's own file, or the configuration's text, or of several the one named `default`.
    private static func template(
        _ path: String,
        _ config: JSONValue
    ) throws(TokenizerError) -> String? {
        let templatePath = path + "/chat_template.jinja"
        if let bytes = try contents(templatePath) {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw .file(path: templatePath, problem: "it is not valid UTF-8")
            }
            return text
        }
        guard let templates = config["chat_template"]?.array else {
            return config["chat_template"]?.string
        }
        return templates.first { $0["name"]?.string == "default" }?["template"]?.string
    }
}

/// `generation_config.json`: how the model's makers sample from it, where they say.
public struct GenerationDefaults: Sendable, Equatable {
    public let temperature: Double?
    public let topK: Int?
    public let topP: Double?
    public let minP: Double?
    public let repetitionPenalty: Double?
    /// The most tokens to generate.
    public let maxNewTokens: Int?
    /// The numbers of tokens that end a generation.
    public let endOfGeneration: [Int]

    /// What is of another type than it should be is left out: the file is advice.
    init(_ json: JSONValue) {
        temperature = json["temperature"]?.number
        topK = json["top_k"]?.integer
        topP = json["top_p"]?.number
        minP = json["min_p"]?.number
        repetitionPenalty = json["repetition_penalty"]?.number
        maxNewTokens = json["max_new_tokens"]?.integer
        let end = json["eos_token_id"]
        endOfGeneration = end?.integer.map { [$0] } ?? end?.array?.compactMap(\.integer) ?? []
    }
}
