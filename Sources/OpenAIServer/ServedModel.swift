public import Grammars
import HTTPTypes
public import Inference
public import Tokenization

/// A model under its names: the engine that runs it and the text side that belongs to it.
public struct ServedModel: Sendable {
    /// What clients call it; the first is the one in answers and metrics, all are accepted.
    public let names: [String]
    /// When it was loaded, in seconds since 1970.
    public let created: Int
    public let engine: any InferenceEngine
    public let tokenizer: Tokenizer
    /// `nil` for a checkpoint without one, which then serves completions only.
    public let chatTemplate: ChatTemplate?
    /// How the model writes the calls of tools.
    public let toolCallFormat: ToolCallFormat
    /// What its makers recommend where requests leave sampling fields out; nil: the server's own.
    let samplingDefaults: OpenAIServer.SamplingDefaults?
    /// The constraints on outputs that were used last.
    let grammars: GrammarCache
    /// The most bytes one token stands for, which bounds the text a context can hold.
    let longestTokenSize: Int

    /// - Parameters:
    ///   - names: at least one.
    ///   - toolCallFormat: nil for the one that the chat template teaches.
    public init(
        names: [String],
        created: Int,
        engine: any InferenceEngine,
        tokenizer: Tokenizer,
        chatTemplate: ChatTemplate?,
        toolCallFormat: ToolCallFormat? = nil,
        samplingDefaults: OpenAIServer.SamplingDefaults? = nil
    ) {
        precondition(!names.isEmpty, "a model is served under at least 1 name, got 0")
        self.names = names
        self.created = created
        self.engine = engine
        self.tokenizer = tokenizer
        self.chatTemplate = chatTemplate
        self.samplingDefaults = samplingDefaults
        let format =
            toolCallFormat ?? chatTemplate.map { ToolCallFormat(chatTemplate: $0.source) } ?? .json
        self.toolCallFormat = format
        grammars = GrammarCache(TokenTrie(tokenizer, format: format))
        let sizes = (0..<UInt32(tokenizer.vocabularySize)).lazy.map {
            tokenizer.bytes(of: $0).count
        }
        // An unknown token stands for a character that the vocabulary lacks, of up to 4 bytes.
        longestTokenSize = max(sizes.max() ?? 0, 4)
    }

    /// The first name.
    public var name: String { names[0] }

    /// How this model's requests are read: as the server is configured, and where its makers
    /// recommend other sampling as they do.
    func configuration(_ server: OpenAIServer.Configuration) -> OpenAIServer.Configuration {
        var configuration = server
        if let samplingDefaults { configuration.samplingDefaults = samplingDefaults }
        return configuration
    }

    /// Checks the name a request gives; one that gives none means this model.
    /// - Throws: `OpenAIError` (404) for a name that is not one of `names`.
    func check(name: String?) throws(OpenAIError) {
        guard let name, !names.contains(name) else { return }
        throw OpenAIError(
            .notFound,
            type: "NotFoundError",
            param: "model",
            "The model `\(name)` does not exist. Valid aliases: \(names.joined(separator: ", "))."
        )
    }

    /// - Throws: `OpenAIError` (503) when the engine takes no requests.
    func checkReady() throws(OpenAIError) {
        let state = engine.state
        guard state == .ready else { throw OpenAIError(AdmissionError.unavailable(state)) }
    }
}
