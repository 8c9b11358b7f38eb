import HTTPTypes
import Inference
import Synchronization

/// What has been asked of the server by HTTP, by route.
///
/// Routes are those of the router, never paths that clients make up, so that their number is
/// bounded.
final class HTTPMetrics: Sendable {
    /// An answered request, or one that was cut off while it was answered.
    struct Exchange: Sendable {
        var handler: String
        var method: String
        var status: Int
        var duration: Duration
        var requestSize: Int
        var responseSize: Int
    }

    private struct Series: Hashable, Comparable {
        let handler: String
        let method: String
        let status: Int

        static func < (a: Self, b: Self) -> Bool {
            (a.handler, a.method, a.status) < (b.handler, b.method, b.status)
        }
    }

    private struct Handler {
        var duration = Histogram(bounds: bounds)
        var requestSize = 0
        var responseSize = 0
    }

    /// Seconds: an answer may be a probe's or a stream of minutes.
    private static let bounds = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600]

    private struct State {
        var counts: [Series: Int] = [:]
        var handlers: [String: Handler] = [:]
    }

    private let state = Mutex(State())

    func add(_ exchange: Exchange) {
        let series = Series(
            handler: exchange.handler,
            method: exchange.method,
            status: exchange.status
        )
        state.withLock { state in
            state.counts[series, default: 0] += 1
            var handler = state.handlers[exchange.handler] ?? Handler()
            handler.duration.observe(exchange.duration / .seconds(1))
            handler.requestSize += exchange.requestSize
            handler.responseSize += exchange.responseSize
            state.handlers[exchange.handler] = handler
        }
    }

    func write(to text: inout PrometheusText) {
        let state = state.withLock { $0 }
        let handlers = state.handlers.sorted { $0.key < $1.key }
        text.add(
            .counter,
            .own("http_requests_total"),
            "HTTP requests that have been answered.",
            state.counts.sorted { $0.key < $1.key }.map { series, count in
                (
                    [
                        "handler": series.handler, "method": series.method,
                        "status": "\(series.status)",
                    ], Double(count)
                )
            }
        )
        text.add(
            .counter,
            .own("http_request_bytes_total"),
            "Bytes in the bodies of HTTP requests.",
            handlers.map { (["handler": $0.key], Double($0.value.requestSize)) }
        )
        text.add(
            .counter,
            .own("http_response_bytes_total"),
            "Bytes in the bodies of HTTP answers.",
            handlers.map { (["handler": $0.key], Double($0.value.responseSize)) }
        )
        text.add(
            histogram: .own("http_request_duration_seconds"),
            "Seconds from an HTTP request's head to the end of its answer.",
            handlers.map { (["handler": $0.key], $0.value.duration) }
        )
    }
}
