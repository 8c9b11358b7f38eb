import Hummingbird

/// `POST /v1/embeddings`, for models that have embeddings. The engine generates text only, so none
/// has; the answer says so, as vLLM's does for such a model.
struct EmbeddingsRoute: Sendable {
    let server: ServerState

    func post(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let fields = try await request.fields(limit: server.configuration.limits.bodySize)
        try server.model.check(name: fields.string("model"))
        guard fields.value("input") != nil || fields.value("messages") != nil else {
            throw fields.missing("input")
        }
        throw OpenAIError.badRequest("model", "The model does not support Embeddings API")
    }
}
