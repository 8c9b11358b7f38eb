import Foundation
import NIOHTTP1

/// Sends single requests to a server and measures what comes back. Nothing a server does makes it
/// throw: misbehaviour is an outcome.
public struct LoadClient: Sendable {
    /// Which of OpenAI's endpoints answers.
    public enum Endpoint: String, Sendable, CaseIterable, Encodable {
        case completions, chat

        var path: String {
            switch self {
            case .completions: "/completions"
            case .chat: "/chat/completions"
            }
        }
    }

    public var address: ServerAddress
    public var endpoint: Endpoint
    public var apiKey: String?
    public var model: String
    /// Whether outputs go on after an end of the text (vLLM's `ignore_eos`).
    public var ignoresEnd: Bool
    /// For a whole request, the connection included.
    public var timeout: Duration

    public init(
        address: ServerAddress,
        endpoint: Endpoint = .completions,
        apiKey: String? = nil,
        model: String,
        ignoresEnd: Bool = true,
        timeout: Duration = .seconds(600)
    ) {
        self.address = address
        self.endpoint = endpoint
        self.apiKey = apiKey
        self.model = model
        self.ignoresEnd = ignoresEnd
        self.timeout = timeout
    }

    private var connection: HTTPConnection {
        HTTPConnection(address: address, apiKey: apiKey, connectTimeout: min(timeout, .seconds(30)))
    }

    /// Sends a request and waits for its end.
    /// - Parameters:
    ///   - promptLength: the prompt's tokens, as far as is known here.
    ///   - start: what the outcome's times count from.
    public func send(
        _ prompt: LoadPrompt,
        promptLength: Int,
        maxTokens: Int,
        start: ContinuousClock.Instant
    ) async -> RequestOutcome {
        let sent = ContinuousClock.now
        let (answer, failure) = await exchange(prompt, maxTokens: maxTokens)
        var outcome = RequestOutcome(
            sent: (sent - start).inSeconds,
            ended: (ContinuousClock.now - start).inSeconds,
            promptTokenCount: promptLength
        )
        outcome.failure = failure ?? answer.failure
        outcome.textTimes = answer.textTimes.map { ($0 - start).inSeconds }
        outcome.outputTokenCount = answer.textTimes.count
        if let usage = answer.usage {
            outcome.hasUsage = true
            outcome.promptTokenCount = usage.promptTokens
            outcome.outputTokenCount = usage.completionTokens ?? 0
        }
        return outcome
    }

    /// What the server says to a request it refuses, for messages; nil if it does not refuse.
    func refusal(of prompt: LoadPrompt) async -> String? {
        let (answer, failure) = await exchange(prompt, maxTokens: 1)
        guard let failure = failure ?? answer.failure else { return nil }
        let text = String(decoding: answer.refusal, as: UTF8.self)
        return text.isEmpty ? "\(failure)" : "\(failure): \(text)"
    }

    /// The name of the first model the server lists.
    public static func firstModel(
        at address: ServerAddress,
        apiKey: String?
    ) async throws(LoadError) -> String {
        let connection = HTTPConnection(
            address: address,
            apiKey: apiKey,
            connectTimeout: .seconds(30)
        )
        do {
            let body = try await connection.get("/models", limit: 1 << 20, timeout: .seconds(60))
            let list = try JSONDecoder().decode(ModelList.self, from: Data(body))
            if let model = list.data.first { return model.id }
        } catch {
            throw .noModel("\(error)")
        }
        throw .noModel("its list is empty")
    }

    private func exchange(
        _ prompt: LoadPrompt,
        maxTokens: Int
    ) async -> (StreamedAnswer, RequestFailure?) {
        let body = LoadBody(
            model: model,
            prompt: prompt,
            isChat: endpoint == .chat,
            maxTokens: maxTokens,
            ignoresEnd: ignoresEnd
        )
        do {
            let bytes = try JSONEncoder().encode(body)
            let answer = try await within(timeout) { [connection, endpoint] in
                var answer = StreamedAnswer()
                try await connection.send(.POST, endpoint.path, body: Array(bytes)) { part in
                    try answer.take(part, at: .now)
                }
                return answer
            }
            return (answer, nil)
        } catch {
            return (StreamedAnswer(), RequestFailure(error))
        }
    }
}

/// Runs `body` for at most `limit`.
/// - Throws: `TimedOut` if it takes longer; what `body` throws.
func within<Value: Sendable>(
    _ limit: Duration,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimedOut()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw TimedOut() }
        return value
    }
}

/// A time limit has passed.
struct TimedOut: Error {}

extension RequestFailure {
    fileprivate init(_ error: any Error) {
        switch error {
        case is TimedOut: self = .timedOut
        case ExchangeFailure.connectionFailed: self = .connectionFailed
        case ExchangeFailure.closedEarly: self = .cutShort
        case is ExchangeFailure, is EventStream.Malformed, is DecodingError: self = .malformed
        default: self = .cutShort
        }
    }
}

extension Duration {
    /// The duration in seconds.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
