import Grammars
import Hummingbird
import Inference
import Scheduling
import Tokenization

/// `POST /v1/chat/completions`.
struct ChatCompletionsRoute: Sendable {
    let server: ServerState

    func post(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let ticket = try server.inFlight.enter()
        try server.model.checkReady()
        let fields = try await request.fields(limit: server.configuration.limits.bodySize)
        try server.model.check(name: fields.string("model"))
        let chat = try ChatCompletionRequest(
            fields,
            properties: server.model.engine.properties,
            configuration: server.model.configuration(server.configuration)
        )
        let deadline = try server.configuration.deadline(request.headers)
        let generation = try admit(chat, deadline, ticket)
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

    private func admit(
        _ chat: ChatCompletionRequest,
        _ deadline: Duration?,
        _ ticket: InFlightRequests.Ticket
    ) throws -> Generation {
        let model = server.model
        var common = chat.common
        if chat.tools.mayBeCalled && model.marksCallsWithSpecialToken {
            common.skipsSpecialTokens = false
        }
        let prompt = try model.encode(
            render(chat),
            addSpecialTokens: chat.common.addsSpecialTokens ?? false,
            truncation: chat.common.truncation
        )
        let request = GenerationRequest(
            prompt,
            chat.common,
            rules: chat.common.rules.rules(model.tokenizer),
            logprobCount: chat.logprobCount,
            promptLogprobCount: chat.common.promptLogprobCount,
            model: model,
            deadline: deadline
        )
        return try Generation(
            prompts: [prompt],
            requests: [request],
            common: common,
            constraint: try constraint(chat),
            model: model,
            ticket: ticket
        )
    }

    private func constraint(_ chat: ChatCompletionRequest) throws(OpenAIError) -> ConstrainedText? {
        let model = server.model
        if let source = chat.tools.constraint(format: model.toolCallFormat) {
            return try model.constrainedText(source, param: "tools")
        }
        guard let source = chat.common.constraint else { return nil }
        return try model.constrainedText(source, param: "response_format")
    }

    private func render(_ chat: ChatCompletionRequest) throws -> String {
        guard let template = try chat.chatTemplate.map(compile) ?? server.model.chatTemplate else {
            throw OpenAIError.badRequest(
                "messages",
                "The model `\(server.model.name)` has no chat template. Use /v1/completions."
            )
        }
        do {
            return try template.render(
                messages: chat.messages,
                tools: chat.tools.definitions,
                documents: chat.documents,
                addGenerationPrompt: chat.addsGenerationPrompt,
                continueFinalMessage: chat.continuesFinalMessage,
                extra: chat.templateVariables
            )
        } catch {
            // Templates refuse what they cannot render, such as roles out of turn.
            throw OpenAIError.badRequest("messages", "\(error)")
        }
    }

    /// A template that came with a request.
    private func compile(_ source: String) throws(OpenAIError) -> ChatTemplate {
        let tokenizer = server.model.tokenizer
        func text(_ token: TokenID?) -> String {
            token.map { String(decoding: tokenizer.bytes(of: $0), as: UTF8.self) } ?? ""
        }
        do {
            return try ChatTemplate(
                source: source,
                beginningOfSequence: text(tokenizer.beginningOfSequence),
                endOfSequence: text(tokenizer.endOfSequence)
            )
        } catch {
            throw .badRequest("chat_template", "\(error)")
        }
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
