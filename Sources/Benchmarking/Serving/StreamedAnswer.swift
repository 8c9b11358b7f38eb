import Foundation

/// An answer as it arrives: what it says of times, tokens and failures.
struct StreamedAnswer {
    /// When text came: the clock's reading at the piece of the body that completed its event.
    private(set) var textTimes: [ContinuousClock.Instant] = []
    private(set) var usage: CompletionChunk.Usage?
    private var status: Int?
    private var events = EventStream()
    private var isDone = false
    private var saysError = false
    /// The beginning of an answer that is no stream, for messages.
    private(set) var refusal: [UInt8] = []

    /// Kept of an answer that is no stream.
    private static let refusalLimit = 4096

    /// Takes a part of the answer in.
    /// - Throws: `EventStream.Malformed`, `DecodingError`.
    mutating func take(_ part: HTTPConnection.Part, at now: ContinuousClock.Instant) throws {
        switch part {
        case .head(let head): status = head.status
        case .body(let bytes) where status == 200:
            var found: [[UInt8]] = []
            try events.append(bytes) { found.append($0) }
            for event in found { try take(event: event, at: now) }
        case .body(let bytes):
            refusal += bytes.prefix(Self.refusalLimit - refusal.count)
        }
    }

    private mutating func take(event: [UInt8], at now: ContinuousClock.Instant) throws {
        guard !event.elementsEqual("[DONE]".utf8) else {
            isDone = true
            return
        }
        let chunk = try JSONDecoder().decode(CompletionChunk.self, from: Data(event))
        if chunk.error != nil { saysError = true }
        if let usage = chunk.usage { self.usage = usage }
        if chunk.choices?.contains(where: \.hasText) == true { textTimes.append(now) }
    }

    /// What was wrong with it, now that nothing more comes.
    var failure: RequestFailure? {
        if let status, status != 200 { return .status(status) }
        if saysError { return .serverError }
        if !isDone || !events.isBetweenEvents { return .cutShort }
        return textTimes.isEmpty ? .noText : nil
    }
}
