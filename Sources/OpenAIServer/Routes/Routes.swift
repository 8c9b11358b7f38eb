import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// What every route works with.
struct ServerState: Sendable {
    let model: ServedModel
    let core: ServerCore

    var configuration: OpenAIServer.Configuration { core.configuration }
    var inFlight: InFlightRequests { core.inFlight }

    /// The same for a request that gives this name for its model.
    /// - Throws: `OpenAIError` (404) for a name that nothing has.
    func serving(_ name: String?) throws(OpenAIError) -> ServerState {
        ServerState(model: try model.named(name), core: core)
    }

    /// Seconds since 1970.
    var now: Int { Int(Date().timeIntervalSince1970) }

    /// What answers name as the software behind them.
    var fingerprint: String { "pumice-\(configuration.version)" }
}

extension ServerState {
    func makeRouter(logger: Logger) -> Router<ServerRequestContext> {
        let router = core.makeRouter(logger: logger)

        let health = HealthRoutes(server: self)
        for path: RouterPath in ["/health", "/livez"] { router.endpoint(path, [.get: health.live]) }
        router.endpoint("/ping", [.get: health.live, .post: health.live])
        router.endpoint("/readyz", [.get: health.ready])
        router.endpoint("/startupz", [.get: health.started])

        router.endpoint("/metrics", [.get: MetricsRoute(server: self).get])
        router.endpoint("/openapi.json", [.get: OpenAPIRoute(server: self).get])

        let models = ModelsRoute(server: self)
        router.endpoint("/v1/models", [.get: models.list])
        router.endpoint("/v1/models/**", [.get: models.get])
        router.endpoint("/v1/completions", [.post: CompletionsRoute(server: self).post])
        router.endpoint("/v1/chat/completions", [.post: ChatCompletionsRoute(server: self).post])

        let responses = ResponsesRoute(server: self)
        let notStored = responses.notStored
        router.endpoint("/v1/responses", [.post: responses.post])
        router.endpoint("/v1/responses/**", [.get: notStored, .delete: notStored])
        router.endpoint("/v1/embeddings", [.post: EmbeddingsRoute(server: self).post])

        let messages = MessagesRoute(server: self)
        router.endpoint("/v1/messages", [.post: messages.post])
        router.endpoint("/v1/messages/count_tokens", [.post: messages.count])

        if configuration.allowsAdapterChanges {
            let adapters = AdapterRoutes(server: self)
            router.endpoint("/v1/load_lora_adapter", [.post: adapters.load])
            router.endpoint("/v1/unload_lora_adapter", [.post: adapters.unload])
        }

        let tokenization = TokenizationRoutes(server: self)
        router.endpoint("/tokenize", [.post: tokenization.tokenize])
        router.endpoint("/detokenize", [.post: tokenization.detokenize])
        return router
    }
}

extension Router<ServerRequestContext> {
    typealias Handler =
        @Sendable (Request, ServerRequestContext) async throws -> Response

    /// A path and everything it answers to; any other method is 405.
    func endpoint(_ path: RouterPath, _ handlers: [HTTPRequest.Method: Handler]) {
        var handlers = handlers
        if let get = handlers[.get] {
            handlers[.head] = { try await get($0, $1).createHeadResponse() }
        }
        let allowed = handlers.keys.map(\.rawValue).sorted().joined(separator: ", ")
        for method in Self.methods {
            let handler =
                handlers[method] ?? { request, _ in
                    var error = OpenAIError(.methodNotAllowed, "Method Not Allowed")
                    error.headers[.allow] = allowed
                    throw error
                }
            on(path, method: method, use: handler)
        }
    }

    /// A path that answers every method alike.
    func all(_ path: RouterPath, _ handler: @escaping Handler) {
        for method in Self.methods { on(path, method: method, use: handler) }
    }

    private static let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY",
    ].compactMap { HTTPRequest.Method($0) }
}
