/// What became of one request of a load.
public struct RequestOutcome: Sendable {
    /// When it was sent, and when its last event came, in seconds since the load began.
    public var sent: Double
    public var ended: Double
    /// When text came, in seconds since the load began.
    public var textTimes: [Double] = []
    /// Tokens as the server counted them; without its count, the prompt's as asked for and one for
    /// every event with text.
    public var promptTokenCount: Int
    public var outputTokenCount = 0
    /// Whether the server counted.
    public var hasUsage = false
    /// Why it came to no good end; nil if it did.
    public var failure: RequestFailure?

    public init(sent: Double, ended: Double, promptTokenCount: Int) {
        self.sent = sent
        self.ended = ended
        self.promptTokenCount = promptTokenCount
    }

    /// Seconds to the first text.
    public var timeToFirstToken: Double? { textTimes.first.map { $0 - sent } }

    /// Seconds a token took after the first.
    public var timePerOutputToken: Double? {
        guard let first = textTimes.first, let last = textTimes.last, outputTokenCount > 1 else {
            return nil
        }
        return (last - first) / Double(outputTokenCount - 1)
    }

    /// Seconds between one piece of text and the next.
    public var interTokenLatencies: [Double] {
        zip(textTimes, textTimes.dropFirst()).map { $1 - $0 }
    }

    /// Seconds from its sending to its end.
    public var endToEndLatency: Double { ended - sent }
}

/// A way in which a server, or the way to it, failed a request.
public enum RequestFailure: Sendable, Hashable, CustomStringConvertible {
    case connectionFailed
    case timedOut
    /// Another status than 200.
    case status(Int)
    /// The stream ended without its last event.
    case cutShort
    /// What came was no HTTP, no event stream, or no JSON.
    case malformed
    /// An event that says so itself.
    case serverError
    /// It ended well and said nothing.
    case noText

    public var description: String {
        switch self {
        case .connectionFailed: "connection failed"
        case .timedOut: "timed out"
        case .status(let code): "HTTP \(code)"
        case .cutShort: "stream cut short"
        case .malformed: "malformed answer"
        case .serverError: "error in the stream"
        case .noText: "no text"
        }
    }
}
