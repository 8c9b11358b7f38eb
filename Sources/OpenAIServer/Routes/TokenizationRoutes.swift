import Hummingbird
import Inference
import Tokenization

/// `POST /tokenize` and `POST /detokenize`, as vLLM has them. Neither needs the engine.
struct TokenizationRoutes: Sendable {
    let server: ServerState

    func tokenize(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let fields = try await request.fields(limit: server.configuration.limits.bodySize)
        let model = server.model
        _ = try model.named(fields.string("model"))
        let body = try TokenizeRequest(fields, configuration: server.configuration)
        let text =
            switch body.input {
            case .text(let text): text
            case .chat(let prompt): try model.render(prompt)
            }
        let tokens = model.tokenizer.encode(text, addSpecialTokens: body.addsSpecialTokens)
        return try Response(
            json: TokenizeResponse(
                count: tokens.count,
                maxModelLength: model.engine.properties.maxModelLength,
                tokens: tokens,
                tokenStrings: body.returnsTokenStrings
                    ? tokens.map { model.tokenizer.spelling(of: $0) } : nil
            )
        )
    }

    func detokenize(_ request: Request, _ context: ServerRequestContext) async throws -> Response {
        let fields = try await request.fields(limit: server.configuration.limits.bodySize)
        let tokenizer = server.model.tokenizer
        _ = try server.model.named(fields.string("model"))
        let body = try DetokenizeRequest(fields, vocabularySize: tokenizer.vocabularySize)
        let text = tokenizer.decode(body.tokens, skipSpecialTokens: false)
        return try Response(json: ["prompt": text])
    }
}
