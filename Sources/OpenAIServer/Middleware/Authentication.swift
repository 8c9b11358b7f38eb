import HTTPTypes
import Hummingbird

/// Lets a request pass that bears one of the keys, and any request for an open path.
struct Authentication: RouterMiddleware {
    /// Probes and metrics, which machinery without keys must reach.
    static let openPaths: Set<String> = [
        "/health", "/livez", "/readyz", "/startupz", "/ping", "/metrics",
    ]

    private let keys: [String]
    private let file: APIKeyFile?

    /// `nil` where no keys are asked for.
    init?(_ configuration: OpenAIServer.Configuration) {
        keys = configuration.apiKeys
        file = configuration.apiKeyFile
        if keys.isEmpty && file == nil { return nil }
    }

    func handle(
        _ request: Request,
        context: ServerRequestContext,
        next: (Request, ServerRequestContext) async throws -> Response
    ) async throws -> Response {
        guard Self.openPaths.contains(request.uri.path) || isAuthorized(request.headers) else {
            var error = OpenAIError(
                .unauthorized,
                type: "AuthenticationError",
                "The API key is missing or wrong. Send it as `Authorization: Bearer <key>`."
            )
            error.headers[.wwwAuthenticate] = "Bearer"
            throw error
        }
        return try await next(request, context)
    }

    private func isAuthorized(_ headers: HTTPFields) -> Bool {
        guard let value = headers[.authorization] ?? Self.anthropicKey(headers) else {
            return false
        }
        let scheme = value.prefix { $0 != " " }
        guard scheme.lowercased() == "bearer" else { return false }
        let offered = Array(value.dropFirst(scheme.count).drop { $0 == " " }.utf8)
        // Every key is compared, so that the time taken does not tell which one came close.
        let keys = keys + (file?.keys ?? [])
        return keys.map { Self.isEqual(offered, Array($0.utf8)) }.contains(true)
    }

    /// Where Anthropic's clients have their key.
    private static func anthropicKey(_ headers: HTTPFields) -> String? {
        headers[named: "x-api-key"].map { "Bearer \($0)" }
    }

    /// Compares in a time that depends on `offered`'s length alone.
    static func isEqual(_ offered: [UInt8], _ key: [UInt8]) -> Bool {
        var difference = offered.count ^ key.count
        for (index, byte) in offered.enumerated() {
            difference |= Int(byte ^ (key.isEmpty ? 0xFF : key[index % key.count]))
        }
        return difference == 0
    }
}
