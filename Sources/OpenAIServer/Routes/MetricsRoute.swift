import HTTPTypes
import Hummingbird
import Inference
import NIOCore

/// `GET /metrics`.
struct MetricsRoute: Sendable {
    let server: ServerState

    func get(_ request: Request, _ context: ServerRequestContext) -> Response {
        let engine = server.model.engine
        let properties = engine.properties
        var text = PrometheusText()
        EngineMetrics(
            statistics: engine.statistics,
            properties: properties,
            modelName: server.model.name
        ).write(to: &text)
        server.core.writeMetrics(
            to: &text,
            build: [
                "device": properties.deviceName, "driver": properties.driverName,
                "architecture": properties.architecture,
            ]
        )
        return text.response
    }
}

extension PrometheusText {
    /// The text as an answer.
    var response: Response {
        Response(
            status: .ok,
            headers: [.contentType: Self.contentType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
