import HTTPTypes
import Hummingbird
import Inference
import NIOCore

/// What operators look at: `/metrics`, `/version`, `/load`.
struct StatusRoutes: Sendable {
    let server: ServerState

    func metrics(_ request: Request, _ context: ServerRequestContext) -> Response {
        let engine = server.model.engine
        let properties = engine.properties
        var text = PrometheusText()
        EngineMetrics(
            statistics: engine.statistics,
            properties: properties,
            modelName: server.model.name
        ).write(to: &text)
        text.add(
            .gauge,
            "pumice_http_requests_in_flight",
            "Generation requests being answered.",
            [:],
            Double(server.inFlight.count)
        )
        text.add(
            .gauge,
            "pumice_build_info",
            "What runs, and on what.",
            [
                "version": server.configuration.version, "device": properties.deviceName,
                "driver": properties.driverName, "architecture": properties.architecture,
            ],
            1
        )
        return Response(
            status: .ok,
            headers: [.contentType: PrometheusText.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text.text))
        )
    }

    func version(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        try Response(json: ["version": server.configuration.version])
    }

    func load(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        try Response(json: ["server_load": server.inFlight.count])
    }
}
