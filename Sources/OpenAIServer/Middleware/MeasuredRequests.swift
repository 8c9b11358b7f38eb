import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// Counts and times each request, a stream up to its end.
struct MeasuredRequests: RouterMiddleware {
    private static let methods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .patch, .delete, .options,
    ]

    let metrics: HTTPMetrics

    func handle(
        _ request: Request,
        context: ServerRequestContext,
        next: (Request, ServerRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response = try await next(request, context)
        let exchange = HTTPMetrics.Exchange(
            // Hummingbird's word for no route is no path.
            handler: context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "none",
            method: Self.methods.contains(request.method) ? request.method.rawValue : "other",
            status: response.status.code,
            duration: .zero,
            requestSize: request.headers[.contentLength].flatMap { Int($0) } ?? 0,
            responseSize: response.body.contentLength ?? 0
        )
        guard response.body.contentLength == nil else {
            record(exchange, since: start)
            return response
        }
        let size = Size()
        let body = response.body.map { buffer in
            size.add(buffer.readableBytes)
            return buffer
        }
        response.body = ResponseBody { writer in
            defer {
                var exchange = exchange
                exchange.responseSize = size.value
                record(exchange, since: start)
            }
            try await body.write(writer)
        }
        return response
    }

    /// What a stream has sent so far.
    private final class Size: Sendable {
        private let count = Atomic(0)

        var value: Int { count.load(ordering: .relaxed) }

        func add(_ byteCount: Int) { count.wrappingAdd(byteCount, ordering: .relaxed) }
    }

    private func record(_ exchange: HTTPMetrics.Exchange, since start: ContinuousClock.Instant) {
        var exchange = exchange
        exchange.duration = .now - start
        metrics.add(exchange)
    }
}
