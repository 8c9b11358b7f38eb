import Foundation
import OpenAIServer

/// Shows on standard error how far a batch is.
final class BatchReport {
    private let earlierCount: Int
    private let start = ContinuousClock.now
    private var lastShown = ContinuousClock.now

    private static let interval = Duration.seconds(2)

    /// - Parameter earlierCount: answers of an earlier run.
    init(earlierCount: Int) {
        self.earlierCount = earlierCount
        if earlierCount > 0 { Terminal.note("\(earlierCount) requests are answered already.\n") }
    }

    func show(_ progress: Batch.Progress) {
        guard .now - lastShown > Self.interval else { return }
        lastShown = .now
        Terminal.note(text(progress) + "\n")
    }

    func showEnd(_ progress: Batch.Progress, path: String) {
        Terminal.note(text(progress) + "; \(path) is written.\n")
    }

    private func text(_ progress: Batch.Progress) -> String {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let rate = String(format: "%.1f", Double(progress.answeredCount) / max(seconds, 0.001))
        return "\(earlierCount + progress.answeredCount) requests answered, "
            + "\(progress.failedCount) of them failed, \(rate)/s"
    }
}
