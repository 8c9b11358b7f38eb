import Hummingbird
import Inference

/// `POST /v1/chat/completions`.
struct ChatCompletionsRoute: Sendable {
    let server: ServerState

    func post(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let ticket = try self.server.inFlight.enter()
        try self.server.model.checkReady()
        let fields = try await request.fields(limit: self.server.configuration.limits.bodySize)
        let server = try self.server.serving(fields.string("model"))
        let chat = try ChatCompletionRequest(
            fields,
            properties: server.model.engine.properties,
            configuration: server.model.configuration(server.configuration)
        )
        let deadline = try server.configuration.deadline(request.headers)
        let generation = try Generation(chat, model: server.model, deadline, ticket)
        let head = ChatCompletionChunk(
            id: "chatcmpl-\(context.requestID)",
            created: server.now,
            model: server.model.name,
            choices: []
        )
        let client = await context.channel.clientConnection()
        guard chat.common.streaming.isOn else {
            return try await answer(chat, generation, head, client)
        }
        return stream(chat, generation, head, client)
    }

    private func answer(
        _ chat: ChatCompletionRequest,
        _ generation: Generation,
        _ head: ChatCompletionChunk,
        _ client: ClientConnection?
    ) async throws -> Response {
        var choices = ChatChoices(chat, generation)
        var answers = (0..<generation.choiceCount).map { index in
            ChatCompletionResponse.Choice(index: index, message: .init(content: ""))
        }
        try await generation.run(client: client) { update in
            for part in choices.take(update) { answers[part.index].append(part) }
        }
        return try Response(
            json: ChatCompletionResponse(
                id: head.id,
                created: head.created,
                model: head.model,
                choices: answers,
                systemFingerprint: server.fingerprint,
                usage: choices.usage,
                promptTokenIDs: chat.common.returnsTokenIDs ? generation.prompts[0].tokens : nil,
                promptLogprobs: choices.promptLogprobs
            )
        )
    }

    private func stream(
        _ chat: ChatCompletionRequest,
        _ generation: Generation,
        _ head: ChatCompletionChunk,
        _ client: ClientConnection?
    ) -> Response {
        let streaming = chat.common.streaming
        let interval = server.configuration.keepAliveInterval
        return .events { events in
            var choices = ChatChoices(chat, generation)
            try await generation.run(client: client, keepAliveInterval: interval) { update in
                if case .idle = update { try await events.sendKeepAlive() }
                for choice in choices.take(update) {
                    var chunk = head
                    chunk.choices = [choice]
                    if streaming.includesContinuousUsage {
                        chunk.usage = choices.usage(ofChoice: choice.index)
                    }
                    if choice.delta.role != nil && chat.common.returnsTokenIDs {
                        chunk.promptTokenIDs = generation.prompts[0].tokens
                    }
                    try await events.send(chunk)
                }
            }
            guard streaming.includesUsage else { return }
            var last = head
            last.usage = choices.usage
            try await events.send(last)
        }
    }
}
