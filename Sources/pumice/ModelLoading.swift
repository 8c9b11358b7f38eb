import Foundation
import Inference
import OpenAIServer
import ServiceLifecycle

/// Brings the model while the server already answers, and ends its engine after the server.
struct ModelLoading: Service {
    /// A model with the engine behind it, and what is said once it is served.
    struct Loaded: Sendable {
        let model: ServedModel
        let engine: Engine
        let readyLine: String
    }

    let startup: ModelStartup
    /// The server's port, as soon as it is bound: a model nobody could reach is not loaded.
    let ports: AsyncStream<Int>
    let load: @Sendable () async throws -> Loaded
    let onReady: @Sendable (Loaded, _ port: Int) -> Void

    /// - Throws: why there is no model.
    func run() async throws {
        guard let port = await ports.cancelOnGracefulShutdown().first(where: { _ in true })
        else { return }
        // A load cannot be interrupted, so a shutdown does not wait for one.
        let (results, continuation) = AsyncStream.makeStream(of: Result<Loaded, any Error>.self)
        let loading = Task {
            do {
                continuation.yield(.success(try await load()))
            } catch {
                continuation.yield(.failure(error))
            }
        }
        let result = await results.cancelOnGracefulShutdown().first(where: { _ in true })
        guard let loaded = try result?.get() else { return loading.cancel() }
        startup.finish(loaded.model)
        onReady(loaded, port)
        do {
            try await gracefulShutdown()
        } catch {
            await loaded.engine.shutDown(grace: .zero)
            throw error
        }
        await loaded.engine.shutDown(grace: .seconds(1))
    }
}
