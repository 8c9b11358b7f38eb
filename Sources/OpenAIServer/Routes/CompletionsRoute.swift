import Hummingbird
import Inference
import Scheduling

/// `POST /v1/completions`.
struct CompletionsRoute: Sendable {
    let server: ServerState

    func post(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let ticket = try self.server.inFlight.enter()
        try self.server.model.checkReady()
        let fields = try await request.fields(limit: self.server.configuration.limits.bodySize)
        let server = try self.server.serving(fields.string("model"))
        let completion = try CompletionRequest(
            fields,
            properties: server.model.engine.properties,
            configuration: server.model.configuration(server.configuration)
        )
        let deadline = try server.configuration.deadline(request.headers)
        let generation = try Self(server: server).admit(completion, deadline, ticket)
        let head = CompletionResponse(
            id: "cmpl-\(context.requestID)",
            created: server.now,
            model: server.model.name,
            choices: []
        )
        let client = await context.channel.clientConnection()
        guard completion.common.streaming.isOn else {
            return try await answer(completion, generation, head, client)
        }
        return stream(completion, generation, head, client)
    }

    private func admit(
        _ completion: CompletionRequest,
        _ deadline: Duration?,
        _ ticket: InFlightRequests.Ticket
    ) throws -> Generation {
        let model = server.model
        let prompts = try completion.prompts.map { try model.encode($0, completion.common) }
        let rules = completion.common.rules.rules(model.tokenizer)
        let requests = prompts.map { prompt in
            GenerationRequest(
                prompt,
                completion.common,
                rules: rules,
                logprobCount: completion.logprobCount,
                promptLogprobCount: completion.promptLogprobCount,
                model: model,
                deadline: deadline
            )
        }
        return try Generation(
            prompts: prompts,
            requests: requests,
            common: completion.common,
            constraint: try completion.common.constraint.map { (source) throws(OpenAIError) in
                try model.constrainedText(source, param: "structured_outputs")
            },
            model: model,
            ticket: ticket
        )
    }

    private func answer(
        _ completion: CompletionRequest,
        _ generation: Generation,
        _ head: CompletionResponse,
        _ client: ClientConnection?
    ) async throws -> Response {
        var choices = CompletionChoices(completion, generation)
        var response = head
        response.choices = (0..<generation.choiceCount).map { .init(index: $0, text: "") }
        try await generation.run(client: client) { update in
            for part in choices.take(update) { response.choices[part.index].append(part) }
        }
        response.usage = choices.usage
        response.systemFingerprint = server.fingerprint
        return try Response(json: response)
    }

    private func stream(
        _ completion: CompletionRequest,
        _ generation: Generation,
        _ head: CompletionResponse,
        _ client: ClientConnection?
    ) -> Response {
        let streaming = completion.common.streaming
        let interval = server.configuration.keepAliveInterval
        return .events { events in
            var choices = CompletionChoices(completion, generation)
            try await generation.run(client: client, keepAliveInterval: interval) { update in
                if case .idle = update { try await events.sendKeepAlive() }
                for choice in choices.take(update) {
                    var chunk = head
                    chunk.choices = [choice]
                    if streaming.includesContinuousUsage {
                        chunk.usage = choices.usage(ofChoice: choice.index)
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
