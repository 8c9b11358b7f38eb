import Benchmarking
import Foundation
import OpenAIServer

/// An answer of the local server as it streams in.
struct StreamedReply: Sendable {
    /// All the text so far.
    private(set) var text = ""
    private(set) var tokenCount = 0
    /// Why it ended, in OpenAI's words; nil while it has not.
    private(set) var finishReason: String?
    private let start = ContinuousClock.now
    private var first: ContinuousClock.Instant?
    private var last: ContinuousClock.Instant?
    private var events = EventStream()

    /// The server's refusal, or its failure in mid-answer.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    private struct Chunk: Decodable {
        struct Choice: Decodable {
            struct Delta: Decodable { var content: String? }
            var text: String?
            var delta: Delta?
            var finishReason: String?
            enum CodingKeys: String, CodingKey {
                case text, delta
                case finishReason = "finish_reason"
            }
        }
        struct Usage: Decodable {
            var completionTokens: Int
            enum CodingKeys: String, CodingKey { case completionTokens = "completion_tokens" }
        }
        struct Failure: Decodable { var message: String }
        var choices: [Choice]?
        var usage: Usage?
        var error: Failure?
    }

    /// Takes a piece of a stream in.
    /// - Returns: the text it brings.
    private mutating func take(_ piece: [UInt8]) throws -> String {
        var found: [[UInt8]] = []
        try events.append(piece) { found.append($0) }
        var text = ""
        for event in found where !event.elementsEqual("[DONE]".utf8) {
            let chunk = try JSONDecoder().decode(Chunk.self, from: Data(event))
            if let error = chunk.error { throw Refused(description: error.message) }
            if let choice = chunk.choices?.first {
                text += choice.text ?? choice.delta?.content ?? ""
                finishReason = choice.finishReason ?? finishReason
            }
            if let count = chunk.usage?.completionTokens, count > tokenCount {
                tokenCount = count
                last = .now
                first = first ?? last
            }
        }
        self.text += text
        return text
    }

    /// Sends a request and hands on its answer's text as it comes.
    /// - Throws: `Refused`, `CancellationError` with what came so far in `self`, what `receive`
    ///   throws.
    mutating func run(
        _ body: RequestBody,
        on server: LocalServer,
        _ receive: (String) throws -> Void
    ) async throws {
        let answer = try await server.post(body.path, [UInt8](try JSONEncoder().encode(body)))
        guard answer.status == 200 else {
            let refusal = try await JSONDecoder().decode(Chunk.self, from: Data(answer.body()))
            throw Refused(description: refusal.error?.message ?? "status \(answer.status)")
        }
        let (pieces, source) = AsyncThrowingStream.makeStream(of: [UInt8].self)
        let reading = Task {
            do {
                try await answer.forEachPiece { source.yield($0) }
                source.finish()
            } catch {
                source.finish(throwing: error)
            }
        }
        defer { reading.cancel() }
        for try await piece in pieces {
            let text = try take(piece)
            if !text.isEmpty { try receive(text) }
        }
        try Task.checkCancellation()
    }

    /// Such as `[25 tokens, 41.3 tokens/s, the first after 0.21 s]`.
    var speed: String {
        guard let first, let last else { return "[no tokens]" }
        let wait = String(format: "%.2f", (first - start) / .seconds(1))
        let seconds = (last - first) / .seconds(1)
        let rate =
            tokenCount > 1 && seconds > 0
            ? String(format: "%.1f tokens/s, ", Double(tokenCount - 1) / seconds) : ""
        return
            "[\(tokenCount) token\(tokenCount == 1 ? "" : "s"), \(rate)the first after \(wait) s]"
    }
}
