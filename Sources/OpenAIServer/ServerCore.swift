import Hummingbird
import Logging

/// What a server has, with a model or without one.
struct ServerCore: Sendable {
    let configuration: OpenAIServer.Configuration
    let startup: ModelStartup
    let inFlight = InFlightRequests()

    /// A router with all that a request passes before its route, and the routes that need no model.
    func makeRouter(logger: Logger) -> Router<ServerRequestContext> {
        let router = Router(context: ServerRequestContext.self)
        router.add(middleware: AccessLog(logger: logger))
        if !configuration.allowedOrigins.isEmpty {
            router.add(middleware: CrossOrigin(allowedOrigins: Set(configuration.allowedOrigins)))
        }
        router.add(middleware: ErrorResponses(logger: logger))
        if let authentication = Authentication(configuration) {
            router.add(middleware: authentication)
        }
        let operations = OperationsRoutes(core: self, logger: logger)
        router.endpoint("/version", [.get: operations.version])
        router.endpoint("/load", [.get: operations.load])
        router.endpoint("/drain", [.post: operations.drain])
        return router
    }

    /// Metrics of the server itself.
    /// - Parameter build: what more `pumice_build_info` tells.
    func writeMetrics(to text: inout PrometheusText, build: PrometheusText.Labels) {
        let progress = startup.progress
        text.add(
            .gauge,
            "pumice_model_load_progress",
            "How far each phase of the start is; 1 means done.",
            ModelStartup.Phase.allCases.map {
                (["phase": $0.rawValue], progress.share(of: $0))
            }
        )
        text.add(
            .gauge,
            "pumice_model_load_seconds",
            "What each phase of the start has taken.",
            ModelStartup.Phase.allCases.map {
                (["phase": $0.rawValue], progress.seconds[$0, default: 0])
            }
        )
        text.add(
            .gauge,
            "pumice_http_requests_in_flight",
            "Generation requests being answered.",
            [:],
            Double(inFlight.count)
        )
        text.add(
            .gauge,
            "pumice_build_info",
            "What runs, and on what.",
            build.merging(["version": configuration.version]) { $1 },
            1
        )
    }
}
