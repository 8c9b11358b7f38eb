import Foundation
import Inference
import Logging
import ModelStore
import OpenAIServer
import Tokenization

/// A model that runs in this process for its commands: the engine, behind the server's routes.
struct LocalSession: Sendable {
    let server: LocalServer
    let engine: Engine
    /// The one that answers name.
    let name: String

    /// Downloads what is not here, loads the model and starts its engine, with progress on standard
    /// error.
    /// - Parameter chatTemplate: a file with a template to use instead of the model's own.
    init(
        _ options: EngineOptions,
        store: StoreFlags,
        names: [String] = [],
        chatTemplate: String? = nil
    ) async throws {
        var logger = Logger(label: "pumice", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .error
        let local = try await store.model(options.modelPath)
        let text = try ModelText(path: local.path)
        var options = options
        options.modelPath = local.path
        options = try await store.withDraftModel(options)
        let progress = LoadProgress(path: local.path)
        engine = try await Engine.start(options, logger: logger) { start in
            if case .loading(let share) = start { progress.report(share) }
        }
        name = names.first ?? local.name
        var configuration = OpenAIServer.Configuration()
        configuration.version = Pumice.version
        server = LocalServer(
            model: ServedModel(
                names: names.isEmpty ? [local.name] : names,
                created: Int(Date().timeIntervalSince1970),
                engine: engine,
                tokenizer: text.tokenizer,
                chatTemplate: try text.template(orFrom: chatTemplate),
                samplingDefaults: text.sampling
            ),
            configuration: configuration,
            logger: logger
        )
    }

    /// Ends the engine, whatever still runs.
    func end() async { await engine.shutDown(grace: .zero) }
}

/// What commands write to a terminal or a pipe.
enum Terminal {
    /// To standard output, at once.
    /// - Throws: where the reader has gone.
    static func write(_ text: String) throws {
        try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    /// To standard error: what is not the answer.
    static func note(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
