import Inference
import Logging
import OpenAIServer
import ServiceLifecycle
import Testing

extension Fixture {
    /// Runs a server until `body` has returned and the shutdown it asked for is over.
    func serve(
        drainTimeout: Duration = .seconds(45),
        _ body: @Sendable (ServiceGroup, _ port: Int) async throws -> Void
    ) async throws {
        var fixture = self
        fixture.configuration.port = 0
        fixture.configuration.drainTimeout = drainTimeout
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        let server = OpenAIServer(
            model: try fixture.makeModel(),
            configuration: fixture.configuration,
            logger: .silent,
            onListening: { bound.yield($0) }
        )
        let group = ServiceGroup(configuration: .init(services: [server], logger: .silent))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let port = try #require(await ports.first { _ in true })
            try await body(group, port)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
