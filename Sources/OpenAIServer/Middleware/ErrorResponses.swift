import HTTPTypes
import Hummingbird
import Logging

/// Gives every error OpenAI's shape, or where Anthropic's clients are answered theirs, whoever
/// threw it.
struct ErrorResponses: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request,
        context: ServerRequestContext,
        next: (Request, ServerRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as OpenAIError {
            return try answer(error, request)
        } catch let error as HTTPError {
            let reason = error.body ?? error.status.reasonPhrase
            return try answer(OpenAIError(error.status, reason), request)
        } catch is ClientDisconnected {
            // Nobody reads this; nginx's number for it makes the log say so.
            return Response(status: .init(code: 499, reasonPhrase: "Client Closed Request"))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            logger.error(
                "A request failed unexpectedly: \(error)",
                metadata: ["request": "\(context.requestID)"]
            )
            let failure = OpenAIError.internalError("The server failed to answer this request.")
            return try answer(failure, request)
        }
    }

    private func answer(_ error: OpenAIError, _ request: Request) throws -> Response {
        guard AnthropicError.isExpected(at: request.uri.path) else {
            return try error.response(saying: error)
        }
        return try error.response(saying: AnthropicError(error))
    }
}
