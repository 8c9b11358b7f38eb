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
    /// The adapter that requests have; nil for none.
    private(set) var adapter: LoadedAdapter?
    private let text: ServedText

    /// - Parameter names: at least one.
    public init(names: [String], created: Int, engine: any InferenceEngine, text: ServedText) {
        precondition(!names.isEmpty, "a model is served under at least 1 name, got 0")
        self.names = names
        self.created = created
        self.engine = engine
        self.text = text
    }

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
        self.init(
            names: names,
            created: created,
            engine: engine,
            text: ServedText(
                tokenizer: tokenizer,
                chatTemplate: chatTemplate,
                toolCallFormat: toolCallFormat,
                samplingDefaults: samplingDefaults
            )
        )
    }

    public var tokenizer: Tokenizer { text.tokenizer }
    /// `nil` for a checkpoint without one, which then serves completions only.
    public var chatTemplate: ChatTemplate? { text.chatTemplate }
    /// How the model writes the calls of tools.
    public var toolCallFormat: ToolCallFormat { text.toolCallFormat }
    /// What its makers recommend where requests leave sampling fields out; nil: the server's own.
    var samplingDefaults: OpenAIServer.SamplingDefaults? { text.samplingDefaults }
    /// The constraints on outputs that were used last.
    var grammars: GrammarCache { text.grammars }
    /// The most bytes one token stands for.
    var longestTokenSize: Int { text.longestTokenSize }

    /// What answers call it: the adapter's name, or the first of its own.
    public var name: String { adapter?.name ?? names[0] }

    /// How this model's requests are read: as the server is configured, and where its makers
    /// recommend other sampling as they do.
    func configuration(_ server: OpenAIServer.Configuration) -> OpenAIServer.Configuration {
        var configuration = server
        if let samplingDefaults { configuration.samplingDefaults = samplingDefaults }
        return configuration
    }

    /// What the name means that a request gives: this model, or this model with an adapter. One
    /// that gives none means this model.
    /// - Throws: `OpenAIError` (404) for a name that is neither one of `names` nor an adapter's.
    func named(_ name: String?) throws(OpenAIError) -> ServedModel {
        guard let name, !names.contains(name) else { return self }
        let adapters = engine.adapters
        guard let adapter = adapters.first(where: { $0.name == name }) else {
            let aliases = (names + adapters.map(\.name)).joined(separator: ", ")
            throw OpenAIError(
                .notFound,
                type: "NotFoundError",
                param: "model",
                "The model `\(name)` does not exist. Valid aliases: \(aliases)."
            )
        }
        var model = self
        model.adapter = adapter
        return model
    }

    /// - Throws: `OpenAIError` (503) when the engine takes no requests.
    func checkReady() throws(OpenAIError) {
        let state = engine.state
        guard state == .ready else { throw OpenAIError(AdmissionError.unavailable(state)) }
    }
}
