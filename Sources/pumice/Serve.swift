import ArgumentParser
import Foundation
import Grammars
import Inference
import Logging
import ModelStore
import Models
import OpenAIServer
import Scheduling
import ServiceLifecycle
import Tokenization
import UnixSignals

/// `pumice serve`: load a model, serve it until SIGTERM or SIGINT.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve a model over HTTP, as OpenAI's API.",
        discussion: """
            Every flag is also a variable, --max-num-seqs for example PUMICE_MAX_NUM_SEQS, and a \
            line in the file of --config, max-num-seqs: 8. The command line counts before the \
            variables, and those before the file. Where a flag takes several values, commas \
            separate them in the variable.
            """
    )

    @OptionGroup var engine: EngineFlags

    @OptionGroup var adapters: AdapterFlags

    @Option(help: "A YAML file of settings, a line for each; also PUMICE_CONFIG.")
    var config: String?

    @Flag(help: "Print the settings, each with where it comes from, and do nothing else.")
    var printConfig = false

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
        help: "Keys of which clients must send one."
    )
    var apiKey: [String] = []

    @Option(
        help: """
            A file with such keys, one a line, # before comments; read again when it changes.
            """
    )
    var apiKeyFile: String?

    @Option(
        help: """
            A PEM file with the certificate for TLS and those that sign it; with --tls-key. Both \
            are read again when they change, and no connection is dropped.
            """
    )
    var tlsCertificate: String?

    @Option(help: "A PEM file with the certificate's private key.")
    var tlsKey: String?

    @Option(parsing: .upToNextOption, help: "Origins browsers may call from; none by default.")
    var allowedOrigins: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help:
            "Give metrics that vLLM has too its names beside ours, for its dashboards and scalers."
    )
    var vllmMetrics = true

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

    @Option(
        help: """
            Where sampling fields that requests leave out come from: auto takes a folder's \
            generation_config.json, vllm takes vLLM's defaults.
            """
    )
    var generationConfig = GenerationConfigSource.auto

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
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key need each other.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var logger = Logger(label: "pumice")
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        let startup = ModelStartup()
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        let server = OpenAIServer(
            startup: startup,
            configuration: try serverConfiguration(),
            logger: logger,
            onListening: { bound.yield($0) }
        )
        let loading = ModelLoading(
            startup: startup,
            ports: ports,
            load: { [logger] in try await load(startup, logger) },
            onReady: { loaded, port in
                // Not `print`, whose buffer a pipe's reader would wait for.
                let scheme = tlsKey == nil ? "http" : "https"
                let line = "\(loaded.readyLine), \(scheme)://\(host):\(port)/v1\n"
                FileHandle.standardOutput.write(Data(line.utf8))
            }
        )
        // A shutdown goes through them from the last to the first.
        let services: [any Service] = [loading, server]
        let group = ServiceGroup(
            configuration: .init(
                services: services.map {
                    .init(
                        service: $0,
                        successTerminationBehavior: .gracefullyShutdownGroup,
                        failureTerminationBehavior: .gracefullyShutdownGroup
                    )
                },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        // The thread of a load that was given up still runs, and must not see the process's
        // destructors at work.
        do {
            try await group.run()
        } catch  where startup.model == nil {
            FileHandle.standardError.write(Data((Self.fullMessage(for: error) + "\n").utf8))
            _exit(EXIT_FAILURE)
        }
        logger.notice("Stopped")
        if startup.model == nil { _exit(EXIT_SUCCESS) }
    }

    /// Downloads the model where it is not here, and starts its engine.
    private func load(
        _ startup: ModelStartup,
        _ logger: Logger
    ) async throws -> ModelLoading.Loaded {
        let local = try await store.model(engine.model) { startup.report(.downloading, $0) }
        startup.report(.loading, 0)
        let progress = LoadProgress(path: local.path)
        var options = engine.engineOptions
        options.modelPath = local.path
        options = try await store.withDraftModel(options)
        options.model.adapters = adapters.limits
        // A failure of either is told at once: a task, unlike a child, is not waited for.
        let starting = Task { [options] in
            try await Engine.start(options, logger: logger) { start in
                switch start {
                case .loading(let share):
                    progress.report(share)
                    startup.report(.loading, share)
                case .warming(let share): startup.report(.warming, share)
                }
            }
        }
        let source = try ModelText(path: local.path)
        let text = ServedText(
            tokenizer: source.tokenizer,
            chatTemplate: try source.template(orFrom: chatTemplate),
            toolCallFormat: toolCallParser,
            samplingDefaults: generationConfig == .auto ? source.sampling : nil
        )
        let running = try await starting.value
        let model = ServedModel(
            names: servedModelName.isEmpty ? [local.name] : servedModelName,
            created: Int(Date().timeIntervalSince1970),
            engine: running,
            text: text
        )
        do {
            try await adapters.load(into: model)
        } catch {
            await running.shutDown(grace: .zero)
            throw error
        }
        return ModelLoading.Loaded(
            model: model,
            engine: running,
            readyLine: readyLine(running.properties, name: model.name)
                + guessesLine(options)
        )
    }

    /// The ready line's part about guesses.
    private func guessesLine(_ options: EngineOptions) -> String {
        guard let policy = options.drafting else { return "" }
        let source =
            options.draftModelPath.map { "by \(URL(fileURLWithPath: $0).lastPathComponent)" }
            ?? "from what followed before"
        return ", up to \(policy.draftTokenCount) tokens guessed \(source)"
    }

    private static func toolCallFormat(_ name: String) throws -> ToolCallFormat {
        guard let format = ToolCallFormat(rawValue: name) else {
            let known = ToolCallFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(name)' is not a format of tool calls; known are \(known).")
        }
        return format
    }

    private func serverConfiguration() throws -> OpenAIServer.Configuration {
        var configuration = OpenAIServer.Configuration()
        configuration.host = host
        configuration.port = port
        configuration.version = Pumice.version
        configuration.apiKeys = apiKey
        configuration.apiKeyFile = try apiKeyFile.map(APIKeyFile.init)
        if let tlsCertificate, let tlsKey {
            configuration.certificate = try TLSCertificate(certificate: tlsCertificate, key: tlsKey)
        }
        configuration.namesMetricsAsVLLM = vllmMetrics
        configuration.allowedOrigins = allowedOrigins
        configuration.trustsRequestChatTemplates = trustRequestChatTemplate
        configuration.allowsAdapterChanges = adapters.allowRuntimeLoraUpdating
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
        let layers = properties.layerSplit.map {
            ", layers \($0.map(String.init).joined(separator: " + "))"
        }
        return "Ready: \(properties.deviceName) (\(properties.driverName))\(layers ?? ""), "
            + "model \(name), "
            + "context \(context), \(properties.blockCount) KV blocks of "
            + "\(properties.blockSize) in \(properties.kvFormat) hold \(tokenCount) tokens"
    }
}

/// What `--generation-config` may say.
enum GenerationConfigSource: String, CaseIterable, ExpressibleByArgument {
    case auto, vllm
}

extension Tokenizer {
    /// A special token as templates write it; empty if the model has none.
    func text(of token: TokenID?) -> String {
        token.map { String(decoding: bytes(of: $0), as: UTF8.self) } ?? ""
    }
}
