import Dispatch
import Foundation
import Synchronization

/// Runs `body` on parts of `range` on as many threads as there are cores, and gives the results in
/// order.
/// - Parameter atMost: parts to divide it into.
/// - Throws: what the first part that failed threw.
func inParallel<Result: Sendable>(
    _ range: Range<Int>,
    atMost limit: Int,
    _ body: @Sendable (Range<Int>) throws -> Result
) throws -> [Result] {
    let count = min(limit, range.count, ProcessInfo.processInfo.activeProcessorCount)
    guard count > 1 else { return range.isEmpty ? [] : [try body(range)] }
    let results = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
    DispatchQueue.concurrentPerform(iterations: count) { index in
        let start = range.lowerBound + range.count * index / count
        let end = range.lowerBound + range.count * (index + 1) / count
        let result = Swift.Result { try body(start..<end) }
        results.withLock { $0[index] = result }
    }
    let all = results.withLock { $0 }
    return try (0..<count).compactMap { try all[$0]?.get() }
}
