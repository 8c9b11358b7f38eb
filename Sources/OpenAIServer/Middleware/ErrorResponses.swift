import HTTPTypes
import Hummingbird
import Logging

/// Gives every error OpenAI's shape, whoever threw it.
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
            return try error.response(from: request, context: context)
        } catch let error as HTTPError {
            return try OpenAIError(error.status, error.body ?? error.status.reasonPhrase)
                .response(from: request, context: context)
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
            return try OpenAIError.internalError("The server failed to answer this request.")
                .response(from: request, context: context)
        }
    }
}
