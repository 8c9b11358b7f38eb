import Hummingbird
import Inference
import Scheduling

/// `POST /v1/embeddings`: the model's hidden states, pooled, where the server is told how.
struct EmbeddingsRoute: Sendable {
    let server: ServerState

    func post(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let ticket = try self.server.inFlight.enter()
        try self.server.model.checkReady()
        let fields = try await request.fields(limit: self.server.configuration.limits.bodySize)
        let server = try self.server.serving(fields.string("model"))
        guard let pooling = server.configuration.pooling else {
            throw OpenAIError.badRequest("model", "The model does not support Embeddings API")
        }
        let body = try EmbeddingRequest(
            fields,
            properties: server.model.engine.properties,
            configuration: server.configuration
        )
        let deadline = try server.configuration.deadline(request.headers)
        let generation = try Self(server: server).admit(body, pooling, deadline, ticket)
        let client = await context.channel.clientConnection()
        var vectors = [[Float]](repeating: [], count: generation.prompts.count)
        try await generation.run(client: client) { update in
            if case .embedding(let prompt, let states) = update { vectors[prompt] = states }
        }
        return try Response(
            json: EmbeddingResponse(
                id: "embd-\(context.requestID)",
                created: server.now,
                model: server.model.name,
                data: vectors.enumerated().map { index, states in
                    .init(index: index, embedding: .init(states, body.format))
                },
                usage: .init(promptTokens: generation.promptTokenCount)
            )
        )
    }

    private func admit(
        _ body: EmbeddingRequest,
        _ pooling: Pooling,
        _ deadline: Duration?,
        _ ticket: InFlightRequests.Ticket
    ) throws -> Generation {
        let model = server.model
        let prompts = try body.inputs.map { try model.encode($0, body.common) }
        let requests = prompts.map { prompt in
            var request = GenerationRequest(
                prompt,
                body.common,
                rules: LogitRules(),
                logprobCount: nil,
                promptLogprobCount: nil,
                model: model,
                deadline: deadline
            )
            request.pooling = pooling
            return request
        }
        return try Generation(
            prompts: prompts,
            requests: requests,
            common: body.common,
            model: model,
            ticket: ticket
        )
    }
}
