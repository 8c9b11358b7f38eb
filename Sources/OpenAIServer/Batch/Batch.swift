import Foundation

/// Runs the requests of a batch file through the server's routes, many at once.
///
/// Outputs come in the order of the input. A bad line gives an error line and stops nobody.
public struct Batch: Sendable {
    /// What has been done so far.
    public struct Progress: Sendable, Equatable {
        /// Lines answered, whether well or not.
        public var answeredCount = 0
        /// Of these, those whose request failed.
        public var failedCount = 0

        public init() {}
    }

    /// A line as the batch returns it.
    public typealias Output = (line: [UInt8], progress: Progress)

    private let server: LocalServer
    private let inFlightCount: Int

    /// Answers that wait for one before them are kept in memory; beyond this many the batch waits
    /// for that one too.
    private static let heldCount = 4096
    /// How long a request waits that the engine had no room for.
    private static let patience = Duration.milliseconds(100)

    /// - Parameter inFlightCount: requests at the engine at once.
    public init(_ server: LocalServer, inFlightCount: Int) {
        precondition(inFlightCount > 0, "a batch has \(inFlightCount) requests in flight")
        self.server = server
        self.inFlightCount = inFlightCount
    }

    /// Runs every line that `next` gives.
    ///
    /// - Parameters:
    ///   - next: the next line; nil after the last.
    ///   - write: takes output lines, in the order of the input.
    /// - Throws: what `next` and `write` throw, and `CancellationError`.
    public func run(
        _ next: () throws -> LineReader.Line?,
        write: (Output) throws -> Void
    ) async throws -> Progress {
        var progress = Progress()
        try await withThrowingTaskGroup(of: (Int, BatchOutput).self) { group in
            var isAtEnd = false
            var startedCount = 0
            var running = 0
            var held: [Int: BatchOutput] = [:]
            while true {
                while !isAtEnd, running < inFlightCount, held.count < Self.heldCount {
                    guard let line = try next() else {
                        isAtEnd = true
                        break
                    }
                    let index = startedCount
                    startedCount += 1
                    running += 1
                    group.addTask { (index, try await output(line)) }
                }
                guard let (index, output) = try await group.next() else { break }
                running -= 1
                held[index] = output
                while let output = held.removeValue(forKey: progress.answeredCount) {
                    progress.answeredCount += 1
                    progress.failedCount += output.isSuccess ? 0 : 1
                    try write((output.line, progress))
                }
            }
        }
        return progress
    }

    private func output(_ line: LineReader.Line) async throws -> BatchOutput {
        guard case .text(let text) = line else {
            return BatchOutput(problem: "The line is longer than the limit of a request's body.")
        }
        do {
            let request = try BatchRequest(text)
            return BatchOutput(customID: request.customID, answer: try await answer(request))
        } catch let invalid as BatchRequest.Invalid {
            return BatchOutput(customID: invalid.customID, problem: invalid.message)
        }
    }

    private func answer(_ request: BatchRequest) async throws -> BatchOutput.Answer {
        while true {
            let answer = try await server.post(request.path, request.body)
            // The queue is full only for now; a batch has time.
            if answer.status == 429 {
                try await Task.sleep(for: Self.patience)
                continue
            }
            return BatchOutput.Answer(
                status: answer.status,
                requestID: answer.requestID,
                body: try await answer.body()
            )
        }
    }
}

extension Batch {
    /// The `custom_id` of a line of a batch's input or output; nil where it has none.
    public static func customID(ofLine line: [UInt8]) -> String? {
        struct Line: Decodable { let custom_id: String? }
        return try? JSONDecoder().decode(Line.self, from: Data(line)).custom_id
    }
}
