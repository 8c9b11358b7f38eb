import HTTPTypes
import Hummingbird
import NIOCore

/// What a server without a model answers: that it is alive, how far it is, and to everything else
/// when to come again.
struct StartupRoutes: Sendable {
    let core: ServerCore

    func add(to router: Router<ServerRequestContext>) {
        for path: RouterPath in ["/health", "/livez"] { router.endpoint(path, [.get: live]) }
        router.endpoint("/ping", [.get: live, .post: live])
        for path: RouterPath in ["/readyz", "/startupz"] {
            router.endpoint(path, [.get: progress])
        }
        router.endpoint("/metrics", [.get: metrics])
        for path: RouterPath in ["/", "**"] { router.all(path, refuse) }
    }

    private func live(_ request: Request, _ context: ServerRequestContext) -> Response {
        Response(status: .ok)
    }

    private func progress(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        let progress = core.startup.progress
        return try Response(
            status: .serviceUnavailable,
            json: HealthReport(
                status: core.inFlight.isDraining ? "draining" : "loading",
                reason: "The model is \(progress.phase.words).",
                phase: progress.phase.rawValue,
                progress: progress.share
            )
        )
    }

    private func metrics(_ request: Request, _ context: ServerRequestContext) -> Response {
        var text = PrometheusText()
        core.writeMetrics(to: &text, build: [:])
        return text.response
    }

    private func refuse(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        guard !core.inFlight.isDraining else { throw OpenAIError.shuttingDown }
        let progress = core.startup.progress
        throw OpenAIError(
            .serviceUnavailable,
            retryAfter: 5,
            "The model is \(progress.phase.words) (\(Int(progress.share * 100)) %). Please try "
                + "again later."
        )
    }
}

extension ModelStartup.Phase {
    /// What the model is meanwhile.
    fileprivate var words: String {
        switch self {
        case .downloading: "being downloaded"
        case .loading: "being loaded"
        case .warming: "loaded and being warmed up"
        }
    }
}
