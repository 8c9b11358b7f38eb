import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// Names each request and logs one line when it has been answered: method, path, status, duration
/// and id, never what was in it.
struct AccessLog: RouterMiddleware {
    func handle(
        _ request: Request, context: ServerRequestContext,
        next: (Request, ServerRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var context = context
        context.requestID = RequestID.accept(HTTPField.Name.requestID.flatMap { request.headers[$0] })
        let requestID = context.requestID
        var response = try await next(request, context)
        if let name = HTTPField.Name.requestID { response.headers[name] = requestID }

        let logger = context.logger
        let status = response.status.code
        let log: @Sendable (_ isWhole: Bool) -> Void = { isWhole in
            let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
            logger.info(
                "\(request.method) \(request.uri.path) \(status)\(isWhole ? "" : " (cut off)")",
                metadata: ["ms": "\(Int(milliseconds.rounded()))", "request": "\(requestID)"])
        }
        // Only a stream's length is unknown; anything else is as good as answered here, and wrapping
        // it would cost Hummingbird's single write.
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
