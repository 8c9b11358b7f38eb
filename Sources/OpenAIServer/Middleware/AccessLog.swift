import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Names each request and logs one line when it has been answered: method, path, status, duration
/// and id, never what was in it.
struct AccessLog: RouterMiddleware {
    /// Not the request's own, which adds an id that nobody else knows.
    let logger: Logger

    func handle(
        _ request: Request,
        context: ServerRequestContext,
        next: (Request, ServerRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        let requestID = RequestID.accept(request.headers[named: RequestID.fieldName])
        context.requestID = requestID
        var response = try await next(request, context)
        response.headers[named: RequestID.fieldName] = requestID

        let status = response.status.code
        let log: @Sendable (_ isWhole: Bool) -> Void = { [logger] isWhole in
            let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
            let ending = isWhole ? "" : " (cut off)"
            logger.info(
                "\(request.method) \(request.uri.path) \(status)\(ending)",
                metadata: ["ms": "\(Int(milliseconds.rounded()))", "request": "\(requestID)"]
            )
        }
        // Only a stream's length is unknown; anything else is as good as answered here, and
        // wrapping it would cost Hummingbird's single write.
        guard response.body.contentLength == nil else {
            log(true)
            return response
        }
        let body = response.body
        response.body = ResponseBody { writer in
            do {
                try await body.write(writer)
                log(true)
            } catch {
                log(false)
                throw error
            }
        }
        return response
    }
}
