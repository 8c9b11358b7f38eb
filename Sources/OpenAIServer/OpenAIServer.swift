package import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOHTTPTypes
public import ServiceLifecycle

/// An HTTP server that speaks OpenAI's API, and vLLM's where vLLM goes beyond it.
///
/// It listens before its model is there, and then answers probes and metrics only (`ModelStartup`).
/// As a `Service` it runs until a graceful shutdown. Then it turns new requests away (503, also
/// `/readyz`), finishes those in flight for up to `drainTimeout`, ends what is left with an error,
/// and returns.
public struct OpenAIServer: Service {
    /// How long a shutdown waits for what should take no time.
    private static let lastPatience = Duration.seconds(2)
    /// How long a changed file of keys or certificates may go unnoticed.
    private static let reloadInterval = Duration.seconds(1)

    private let core: ServerCore
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// A server whose model may still be on its way.
    /// - Parameter onListening: called once the port is bound, with its number.
    public init(
        startup: ModelStartup,
        configuration: Configuration = Configuration(),
        logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        core = ServerCore(configuration: configuration, startup: startup)
        self.logger = logger
        self.onListening = onListening
    }

    /// A server of a model that is there.
    public init(
        model: ServedModel,
        configuration: Configuration = Configuration(),
        logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        self.init(
            startup: ModelStartup(model),
            configuration: configuration,
            logger: logger,
            onListening: onListening
        )
    }

    /// What answers the requests of `run`, for tests without a socket.
    package func makeResponder() -> some HTTPResponder<ServerRequestContext> {
        ModelResponder(core, logger: logger)
    }

    private func makeApplication() -> some ApplicationProtocol {
        let configuration = core.configuration
        var http = HTTP1Channel.Configuration(additionalChannelHandlers: [DisconnectHandler()])
        http.idleTimeout = TimeAmount(configuration.limits.idleConnectionTime)
        http.httpDecoder.maxHeaderListSize = configuration.limits.headerSize
        http.httpDecoder.maxHeaderFieldSize = configuration.limits.headerSize
        http.httpDecoder.maxHeaderFieldCount = configuration.limits.headerCount
        return Application(
            responder: makeResponder(),
            server: builder(http),
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    configuration.limits.connectionCount,
                    logger: logger
                )
            ),
            onServerRunning: { [onListening] channel in
                await onListening(channel.localAddress?.port ?? configuration.port)
            },
            logger: logger
        )
    }

    private func builder(_ http: HTTP1Channel.Configuration) -> HTTPServerBuilder {
        guard let certificate = core.configuration.certificate else {
            return .http1(configuration: http)
        }
        return HTTPServerBuilder { responder in
            TLSChannel(
                base: HTTP1Channel(responder: responder, configuration: http),
                certificate: certificate
            )
        }
    }

    /// - Throws: `ListenError` when the address cannot be bound.
    public func run() async throws {
        let group = ServiceGroup(
            configuration: .init(services: [makeApplication()], logger: logger)
        )
        // The group must not see the shutdown we are asked for before the requests are drained, and
        // it sees what its task inherits.
        let serving = Task.detached { try await group.run() }
        let draining = Task {
            try await gracefulShutdown()
            await drain()
            await group.triggerGracefulShutdown()
            // A client that never finishes sending its request would keep its connection open.
            try await Task.sleep(for: Self.lastPatience)
            serving.cancel()
        }
        let reloading = Task { try await reloadFiles() }
        defer {
            draining.cancel()
            reloading.cancel()
        }
        do {
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                serving.cancel()
            }
        } catch is CancellationError where core.inFlight.isDraining {
            // Cut short above: all who could be answered were.
        } catch {
            throw ListenError(error, configuration: core.configuration) ?? error
        }
    }

    /// Takes new keys and certificates in when their files change.
    private func reloadFiles() async throws {
        let configuration = core.configuration
        while true {
            try await Task.sleep(for: Self.reloadInterval)
            reload("API keys") { try configuration.apiKeyFile?.reload() }
            reload("TLS certificate") { try configuration.certificate?.reload() }
        }
    }

    private func reload(_ what: String, _ reload: () throws -> Bool?) {
        do {
            if try reload() == true { logger.notice("Reloaded the \(what)") }
        } catch {
            logger.error("Kept the old \(what): \(error)")
        }
    }

    private func drain() async {
        let inFlight = core.inFlight
        inFlight.drain()
        logger.info("Shutting down", metadata: ["requests": "\(inFlight.count)"])
        await inFlight.waitUntilEmpty(atMost: core.configuration.drainTimeout)
        guard inFlight.count > 0 else { return }
        logger.warning("Ending requests in flight", metadata: ["requests": "\(inFlight.count)"])
        inFlight.interrupt()
        await inFlight.waitUntilEmpty(atMost: Self.lastPatience)
    }
}
