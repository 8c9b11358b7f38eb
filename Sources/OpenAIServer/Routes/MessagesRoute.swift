import Hummingbird
import Inference
import Tokenization

/// `POST /v1/messages` and `POST /v1/messages/count_tokens`: Anthropic's API over the same chat.
struct MessagesRoute: Sendable {
    let server: ServerState

    func post(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let ticket = try self.server.inFlight.enter()
        try self.server.model.checkReady()
        let (chat, server) = try await read(request, isCounting: false)
        let deadline = try server.configuration.deadline(request.headers)
        let generation = try Generation(chat, model: server.model, deadline, ticket)
        let head = MessagesResponse(
            id: "msg_\(context.requestID)",
            model: server.model.name,
            usage: .init(Usage(promptTokens: generation.promptTokenCount))
        )
        let client = await context.channel.clientConnection()
        guard chat.common.streaming.isOn else {
            return try await answer(chat, generation, head, client)
        }
        return stream(chat, generation, head, client)
    }

    /// How many tokens a message's prompt would have.
    func count(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let model = server.model
        let text = try model.render(try await read(request, isCounting: true).chat.prompt)
        let tokens = model.tokenizer.encode(text, addSpecialTokens: false)
        return try Response(json: ["input_tokens": tokens.count])
    }

    /// The body as a chat, and the model it names.
    private func read(
        _ request: Request,
        isCounting: Bool
    ) async throws -> (chat: ChatCompletionRequest, server: ServerState) {
        let fields = try await request.fields(limit: server.configuration.limits.bodySize)
        let named = try server.serving(fields.string("model"))
        let chat = try MessagesRequest(
            fields,
            isCounting: isCounting,
            properties: server.model.engine.properties,
            configuration: server.model.configuration(server.configuration)
        ).chat
        return (chat, named)
    }

    private func answer(
        _ chat: ChatCompletionRequest,
        _ generation: Generation,
        _ head: MessagesResponse,
        _ client: ClientConnection?
    ) async throws -> Response {
        var choices = ChatChoices(chat, generation)
        var answer = ChatCompletionResponse.Choice(index: 0, message: .init(content: ""))
        try await generation.run(client: client) { update in
            for part in choices.take(update) { answer.append(part) }
        }
        var message = head
        if let text = answer.message.content, !text.isEmpty { message.content = [.text(text)] }
        message.content += (answer.message.toolCalls ?? []).map { .init($0) }
        let ending = MessageEnding(
            finishReason: answer.finishReason,
            stopReason: answer.stopReason,
            hasCalls: answer.message.toolCalls != nil
        )
        message.stopReason = ending.stopReason
        message.stopSequence = ending.stopSequence
        message.usage = .init(choices.usage)
        return try Response(json: message)
    }

    private func stream(
        _ chat: ChatCompletionRequest,
        _ generation: Generation,
        _ head: MessagesResponse,
        _ client: ClientConnection?
    ) -> Response {
        let interval = server.configuration.keepAliveInterval
        return .namedEvents { events in
            var choices = ChatChoices(chat, generation)
            var blocks = MessageBlocks()
            do {
                try await generation.run(client: client, keepAliveInterval: interval) { update in
                    let parts = choices.take(update)
                    switch update {
                    case .prompt:
                        var message = head
                        message.usage = .init(choices.usage)
                        try await events.send(named: MessagesEvent.messageStart(message))
                        try await events.send(named: MessagesEvent.ping)
                    case .idle: try await events.send(named: MessagesEvent.ping)
                    case .choice, .embedding:
                        for event in parts.flatMap({ blocks.take($0) }) {
                            try await events.send(named: event)
                        }
                    }
                }
            } catch let error as OpenAIError {
                try await events.send(named: AnthropicError(error))
                return
            }
            if let ending = blocks.ending {
                let usage = MessagesUsage(choices.usage)
                try await events.send(named: MessagesEvent.messageDelta(ending, usage))
            }
            try await events.send(named: MessagesEvent.messageStop)
        }
    }
}
