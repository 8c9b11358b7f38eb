import HTTPTypes
import Hummingbird

/// Answers browsers that ask whether a page of another origin may call (CORS).
struct CrossOrigin: RouterMiddleware {
    /// Origins as browsers spell them, such as `https://chat.example`; `*` stands for any.
    let allowedOrigins: Set<String>

    func handle(
        _ request: Request,
        context: ServerRequestContext,
        next: (Request, ServerRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin], let allowed = answer(to: origin) else {
            return try await next(request, context)
        }
        if request.method == .options {
            var headers: HTTPFields = [
                .accessControlAllowOrigin: allowed,
                .accessControlAllowMethods: "GET, POST, OPTIONS",
                .accessControlMaxAge: "600", .vary: "Origin",
            ]
            headers[.accessControlAllowHeaders] =
                request.headers[.accessControlRequestHeaders] ?? "authorization, content-type"
            return Response(status: .noContent, headers: headers)
        }
        var response = try await next(request, context)
        response.headers[.accessControlAllowOrigin] = allowed
        response.headers[.accessControlExposeHeaders] = RequestID.fieldName
        response.headers[.vary] = "Origin"
        return response
    }

    private func answer(to origin: String) -> String? {
        if allowedOrigins.contains("*") { return "*" }
        return allowedOrigins.contains(origin) ? origin : nil
    }
}
