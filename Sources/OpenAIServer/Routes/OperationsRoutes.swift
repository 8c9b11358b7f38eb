import HTTPTypes
import Hummingbird
import Logging

/// What operators ask of a server whether or not it has its model: `/version`, `/load`, `/drain`.
struct OperationsRoutes: Sendable {
    /// The longest that one `POST /drain` waits; the next may go on.
    private static let longestWait = 3600.0

    let core: ServerCore
    let logger: Logger

    func version(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        try Response(json: ["version": core.configuration.version])
    }

    func load(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        try Response(json: ["server_load": core.inFlight.count])
    }

    /// `POST /drain`: no longer ready, and no new requests, from now until the process ends; those
    /// in flight go on. 200 once none is left, and 202 with their number if some still are when
    /// `?wait=` seconds, by default none, have passed.
    func drain(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let wait = try Self.wait(request)
        if core.inFlight.drain() {
            logger.notice("Draining", metadata: ["requests": "\(core.inFlight.count)"])
        }
        if wait > .zero { await core.inFlight.waitUntilEmpty(atMost: wait) }
        let count = core.inFlight.count
        return try Response(
            status: count == 0 ? .ok : .accepted,
            json: DrainReport(status: count == 0 ? "drained" : "draining", inFlight: count)
        )
    }

    private static func wait(_ request: Request) throws(OpenAIError) -> Duration {
        guard let text = request.uri.queryParameters["wait"] else { return .zero }
        guard let seconds = Double(text), (0...longestWait).contains(seconds) else {
            throw .badRequest(
                "wait",
                "wait must be a number of seconds, at least 0 and at most \(Int(longestWait))."
            )
        }
        return .seconds(seconds)
    }

    private struct DrainReport: Encodable {
        var status: String
        var inFlight: Int

        enum CodingKeys: String, CodingKey {
            case status
            case inFlight = "in_flight"
        }
    }
}
