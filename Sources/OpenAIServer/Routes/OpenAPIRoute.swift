import HTTPTypes
import Hummingbird
import Inference

/// `/openapi.json`: what this server answers, as OpenAPI.
struct OpenAPIRoute: Sendable {
    let server: ServerState

    func get(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        let document = OpenAPIDocument(server.configuration, server.model.engine.properties)
        return try Response(json: JSONContent(document.json))
    }
}
