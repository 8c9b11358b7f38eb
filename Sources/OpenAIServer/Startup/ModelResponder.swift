import Hummingbird
import Logging
import Synchronization

/// Answers with the model's routes, and until there is a model with those that need none. Nothing
/// else knows the difference: `ServerState` always has a model.
final class ModelResponder: HTTPResponder {
    private let core: ServerCore
    private let logger: Logger
    private let starting: RouterResponder<ServerRequestContext>
    private let serving = Mutex<RouterResponder<ServerRequestContext>?>(nil)

    init(_ core: ServerCore, logger: Logger) {
        self.core = core
        self.logger = logger
        let router = core.makeRouter(logger: logger)
        StartupRoutes(core: core).add(to: router)
        starting = router.buildResponder()
    }

    func respond(
        to request: Request,
        context: ServerRequestContext
    ) async throws -> Response {
        try await current.respond(to: request, context: context)
    }

    private var current: RouterResponder<ServerRequestContext> {
        serving.withLock { serving in
            if let serving { return serving }
            guard let model = core.startup.model else { return starting }
            let router = ServerState(model: model, core: core).makeRouter(logger: logger)
            let responder = router.buildResponder()
            serving = responder
            return responder
        }
    }
}
