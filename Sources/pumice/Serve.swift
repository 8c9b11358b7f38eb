import ArgumentParser
import Checkpoints
import Foundation
import Grammars
import Inference
import Logging
import ModelStore
import OpenAIServer
import ServiceLifecycle
import Tokenization
import UnixSignals

/// `pumice serve`: load a model, serve it until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a model over HTTP, as OpenAI's API."
    )

    @OptionGroup var engine: EngineFlags

    @OptionGroup var store: StoreFlags

    @Option(help: "The address to bind. 127.0.0.1 lets only this machine connect.")
    var host = "127.0.0.1"

    @Option(help: "The port to bind.")
    var port = 8000

    @Option(
        parsing: .upToNextOption,
        help: "Names clients call the model by; by default the file's or the repository's name."
    )
    var servedModelName: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: "Keys of which clients must send one; also PUMICE_API_KEY."
    )
    var apiKey: [String] = []

    @Option(parsing: .upToNextOption, help: "Origins browsers may call from; none by default.")
    var allowedOrigins: [String] = []

    @Option(help: "A file with a chat template to use instead of the model's own.")
    var chatTemplate: String?

    @Flag(help: "Accept chat templates that come with requests; only for clients you trust.")
    var trustRequestChatTemplate = false

    @Option(help: "Answer /v1/embeddings with the hidden states of all tokens or of the last.")
    var pooling: Pooling?

    @Option(
        help: """
            How the model writes calls of tools: hermes, llama3_json, mistral or json. Taken from \
            the chat template by default.
            """,
        transform: Self.toolCallFormat
    )
    var toolCallParser: ToolCallFormat?

    @Option(help: "Seconds a request may take, queueing included; no limit by default.")
    var requestTimeout: Int?

    @Option(help: "Seconds a shutdown waits for running requests.")
    var shutdownTimeout = 45

    @Option(help: "Seconds between comments that keep an idle stream open; 0 for none.")
    var sseKeepAliveInterval = 0

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    var logLevel = "info"

    func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level is `\(logLevel)`; see --help for the levels.")
        }
        guard (0...65_535).contains(port), shutdownTimeout >= 0, sseKeepAliveInterval >= 0,
            requestTimeout ?? 1 > 0
        else {
            throw ValidationError("--port must be in 0...65535, and no time may be negative.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "pumice")
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        let local = try await store.model(engine.model)
        let file = try GGUFFile(path: local.path)
        let tokenizer = try Tokenizer(metadata: file.metadata)
        let template = try loadTemplate(file, tokenizer)
        let progress = LoadProgress(path: local.path)
        var options = engine.engineOptions
        options.modelPath = local.path
        let running = try await Engine.start(options, logger: logger) { progress.report($0) }
        let model = ServedModel(
            names: servedModelName.isEmpty ? [local.name] : servedModelName,
            created: Int(Date().timeIntervalSince1970),
            engine: running,
            tokenizer: tokenizer,
            chatTemplate: template,
            toolCallFormat: toolCallParser
        )
        let readyLine = readyLine(running.properties, name: model.name)
        let server = OpenAIServer(model: model, configuration: serverConfiguration, logger: logger)
        {
            port in
            // Not `print`, whose buffer a pipe's reader would wait for.
            let line = "\(readyLine), http://\(host):\(port)/v1\n"
            FileHandle.standardOutput.write(Data(line.utf8))
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(
                        service: server,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        do {
            try await group.run()
        } catch {
            await running.shutDown(grace: .zero)
            throw error
        }
        await running.shutDown(grace: .seconds(1))
        logger.notice("Stopped")
    }

    private static func toolCallFormat(_ name: String) throws -> ToolCallFormat {
        guard let format = ToolCallFormat(rawValue: name) else {
            let known = ToolCallFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(name)' is not a format of tool calls; known are \(known).")
        }
        return format
    }

    private func loadTemplate(_ file: GGUFFile, _ tokenizer: Tokenizer) throws -> ChatTemplate? {
        let source =
            if let chatTemplate {
                try String(contentsOfFile: chatTemplate, encoding: .utf8)
            } else {
                try file.metadata.optionalString("tokenizer.chat_template")
            }
        return try source.map {
            try ChatTemplate(
                source: $0,
                beginningOfSequence: tokenizer.text(of: tokenizer.beginningOfSequence),
                endOfSequence: tokenizer.text(of: tokenizer.endOfSequence)
            )
        }
    }

    private var serverConfiguration: OpenAIServer.Configuration {
        var configuration = OpenAIServer.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.version = Pumice.version
        configuration.apiKeys = apiKey
        if let key = ProcessInfo.processInfo.environment["PUMICE_API_KEY"], !key.isEmpty {
            configuration.apiKeys.append(key)
        }
        configuration.allowedOrigins = allowedOrigins
        configuration.trustsRequestChatTemplates = trustRequestChatTemplate
        configuration.pooling = pooling
        configuration.requestDeadline = requestTimeout.map { .seconds($0) }
        configuration.drainTimeout = .seconds(shutdownTimeout)
        if sseKeepAliveInterval > 0 {
            configuration.keepAliveInterval = .seconds(sseKeepAliveInterval)
        }
        return configuration
    }

    /// The one line that ends start-up, but for the address.
    private func readyLine(_ properties: EngineProperties, name: String) -> String {
        let tokenCount = properties.blockCount * properties.blockSize
        let context =
            properties.maxModelLength == tokenCount && tokenCount < properties.trainedLength
            ? "\(tokenCount) of \(properties.trainedLength), all that the KV cache holds"
            : "\(properties.maxModelLength)"
        return "Ready: \(properties.deviceName) (\(properties.driverName)), model \(name), "
            + "context \(context), \(properties.blockCount) KV blocks of "
            + "\(properties.blockSize) in \(properties.kvFormat) hold \(tokenCount) tokens"
    }
}

extension Tokenizer {
    /// A special token as templates write it; empty if the model has none.
    func text(of token: TokenID?) -> String {
        token.map { String(decoding: bytes(of: $0), as: UTF8.self) } ?? ""
    }
}
