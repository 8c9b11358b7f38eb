public import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import NIOHTTPTypes
public import ServiceLifecycle

/// An HTTP server that speaks OpenAI's API, and vLLM's where vLLM goes beyond it.
///
/// As a `Service` it runs until a graceful shutdown. Then it turns new requests away (503, also
/// `/readyz`), finishes those in flight for up to `drainTimeout`, ends what is left with an error,
/// and returns.
public struct OpenAIServer: Service {
    /// How long a shutdown waits for what should take no time.
    private static let lastPatience = Duration.seconds(2)

    private let state: ServerState
    private let logger: Logger
    private let onListening: @Sendable (_ port: Int) async -> Void

    /// - Parameter onListening: called once the port is bound, with its number.
    public init(
        model: ServedModel,
        configuration: Configuration = Configuration(),
        logger: Logger,
        onListening: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        state = ServerState(model: model, configuration: configuration)
        self.logger = logger
        self.onListening = onListening
    }

    /// The application `run` runs, for tests that drive it themselves.
    public func makeApplication() -> some ApplicationProtocol {
        let configuration = state.configuration
        var http = HTTP1Channel.Configuration(additionalChannelHandlers: [DisconnectHandler()])
        http.idleTimeout = TimeAmount(configuration.limits.idleConnectionTime)
        http.httpDecoder.maxHeaderListSize = configuration.limits.headerSize
        http.httpDecoder.maxHeaderFieldSize = configuration.limits.headerSize
        http.httpDecoder.maxHeaderFieldCount = configuration.limits.headerCount
        return Application(
            router: state.makeRouter(logger: logger),
            server: .http1(configuration: http),
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
        defer { draining.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                serving.cancel()
            }
        } catch is CancellationError where state.inFlight.isDraining {
            // Cut short above: all who could be answered were.
        } catch {
            throw ListenError(error, configuration: state.configuration) ?? error
        }
    }

    private func drain() async {
        let inFlight = state.inFlight
        inFlight.drain()
        logger.info("Shutting down", metadata: ["requests": "\(inFlight.count)"])
        await inFlight.waitUntilEmpty(atMost: state.configuration.drainTimeout)
        guard inFlight.count > 0 else { return }
        logger.warning("Ending requests in flight", metadata: ["requests": "\(inFlight.count)"])
        inFlight.interrupt()
        await inFlight.waitUntilEmpty(atMost: Self.lastPatience)
    }
}
