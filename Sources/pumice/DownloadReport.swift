import Foundation
import ModelStore
import Synchronization

/// Shows on standard error how far a download is: a line for each new activity, and then one every
/// two seconds, which reads well in a terminal and in a container's log.
final class DownloadReport: Sendable {
    private let last = Mutex<Line?>(nil)

    private struct Line {
        let time: ContinuousClock.Instant
        let progress: DownloadProgress
    }

    func report(_ progress: DownloadProgress) {
        let now = ContinuousClock.now
        let line = last.withLock { last -> String? in
            let isNew =
                last?.progress.file != progress.file
                || last?.progress.activity != progress.activity
            guard isNew || now - (last?.time ?? now) > .seconds(2) else { return nil }
            defer { last = Line(time: now, progress: progress) }
            return text(progress, after: isNew ? nil : last, now)
        }
        if let line { FileHandle.standardError.write(Data((line + "\n").utf8)) }
    }

    private func text(
        _ progress: DownloadProgress,
        after last: Line?,
        _ now: ContinuousClock.Instant
    ) -> String {
        switch progress.activity {
        case .waitingForAnotherProcess:
            return "Waiting for another process, which downloads \(progress.file)"
        case .verifying: return "Checking \(progress.file)"
        case .receiving: break
        }
        let received = progress.receivedByteCount
        var text = "Downloading \(progress.file): \(amount(received))"
        if let total = progress.totalByteCount, total > 0 {
            text += " of \(amount(total)), \(received * 100 / total) %"
        }
        guard let last else { return text }
        let seconds = (now - last.time) / .seconds(1)
        let rate = Double(received - last.progress.receivedByteCount) / max(seconds, 0.001)
        return text + ", \(amount(Int64(max(0, rate))))/s"
    }

    private func amount(_ byteCount: Int64) -> String {
        byteCount < 1_000_000_000
            ? String(format: "%.1f MB", Double(byteCount) / 1e6)
            : String(format: "%.2f GB", Double(byteCount) / 1e9)
    }
}
