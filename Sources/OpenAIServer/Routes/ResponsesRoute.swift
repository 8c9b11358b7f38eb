import Hummingbird
import Inference

/// `POST /v1/responses`: OpenAI's newer API over the same chat, without its store.
struct ResponsesRoute: Sendable {
    let server: ServerState

    func post(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let ticket = try self.server.inFlight.enter()
        try self.server.model.checkReady()
        let fields = try await request.fields(limit: self.server.configuration.limits.bodySize)
        let server = try self.server.serving(fields.string("model"))
        let body = try ResponsesRequest(
            fields,
            properties: server.model.engine.properties,
            configuration: server.model.configuration(server.configuration)
        )
        var chat = body.chat
        if body.truncatesInput { chat.prompt = try chat.prompt.dropOldestTurns(server.model) }
        let deadline = try server.configuration.deadline(request.headers)
        let generation = try Generation(chat, model: server.model, deadline, ticket)
        let response = ResponseObject(
            id: "resp_\(context.requestID)",
            createdAt: server.now,
            model: server.model.name,
            settings: body.settings
        )
        let client = await context.channel.clientConnection()
        guard chat.common.streaming.isOn else {
            return try await answer(chat, generation, response, client)
        }
        return stream(chat, generation, response, client)
    }

    /// Everything about an earlier response: there is none.
    func notStored(_ request: Request, _ context: ServerRequestContext) throws -> Response {
        throw OpenAIError(
            .notFound,
            type: "NotFoundError",
            param: "response_id",
            "This server stores no responses: a response is complete in the answer to its POST."
        )
    }

    private func answer(
        _ chat: ChatCompletionRequest,
        _ generation: Generation,
        _ response: ResponseObject,
        _ client: ClientConnection?
    ) async throws -> Response {
        var choices = ChatChoices(chat, generation)
        var progress = ResponseProgress(response)
        try await generation.run(client: client) { update in
            for part in choices.take(update) { _ = progress.take(part) }
        }
        _ = progress.finish(choices.usage)
        return try Response(json: progress.response)
    }

    private func stream(
        _ chat: ChatCompletionRequest,
        _ generation: Generation,
        _ response: ResponseObject,
        _ client: ClientConnection?
    ) -> Response {
        let interval = server.configuration.keepAliveInterval
        return .namedEvents { events in
            var choices = ChatChoices(chat, generation)
            var progress = ResponseProgress(response)
            for event in progress.begin() { try await events.send(named: event) }
            do {
                try await generation.run(client: client, keepAliveInterval: interval) { update in
                    if case .idle = update { try await events.sendKeepAlive() }
                    for part in choices.take(update) {
                        for event in progress.take(part) { try await events.send(named: event) }
                    }
                }
                try await events.send(named: progress.finish(choices.usage))
            } catch let error as OpenAIError {
                try await events.send(named: progress.fail(error))
            }
        }
    }
}
