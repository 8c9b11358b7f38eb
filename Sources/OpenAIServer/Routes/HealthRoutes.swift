import HTTPTypes
import Hummingbird
import Inference

/// The probes: is it alive, is it ready, has it started.
struct HealthRoutes: Sendable {
    let server: ServerState

    /// `/health`, `/livez`, `/ping`: 200 unless the engine has failed, when only a restart helps.
    func live(_ request: Request, _ context: ServerRequestContext) -> Response {
        if case .failed = server.model.engine.state { return Response(status: .serviceUnavailable) }
        return Response(status: .ok)
    }

    /// `/readyz`: 200 when a request sent now would be served.
    func ready(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        let report = report
        return try Response(
            status: report.status == "ready" ? .ok : .serviceUnavailable,
            json: report
        )
    }

    /// `/startupz`: 200 once the model is loaded, and from then on.
    func started(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        let report = report
        let isStarting = report.status == "loading" || report.status == "failed"
        return try Response(status: isStarting ? .serviceUnavailable : .ok, json: report)
    }

    private var report: HealthReport {
        switch server.model.engine.state {
        case .loading(let progress):
            HealthReport(status: "loading", reason: "The model is loading.", progress: progress)
        case .failed: HealthReport(status: "failed", reason: "The engine has failed.")
        case .draining: HealthReport(status: "draining", reason: "The engine is shutting down.")
        case .ready where server.inFlight.isDraining:
            HealthReport(status: "draining", reason: "The server is shutting down.")
        case .ready: HealthReport(status: "ready")
        }
    }
}

/// What a probe is told.
struct HealthReport: Encodable {
    var status: String
    var reason: String?
    /// What the start is at.
    var phase: String?
    /// Of that, or of loading again after the device was lost, 0 to 1.
    var progress: Double?
}
