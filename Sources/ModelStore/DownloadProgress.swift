import Synchronization

/// How far a download is.
public struct DownloadProgress: Sendable, Equatable {
    public enum Activity: Sendable, Equatable {
        case receiving
        /// The checksum is computed; `receivedByteCount` then counts its bytes.
        case verifying
        /// Another process downloads the same file, and this one waits for it.
        case waitingForAnotherProcess
    }

    public let activity: Activity
    /// The file, by its name in the repository or the address.
    public let file: String
    /// The bytes of the model that are here.
    public let receivedByteCount: Int64
    /// The bytes of the whole model, where the server says.
    public let totalByteCount: Int64?
}

/// Adds the files of a model up.
final class ProgressOfFiles: Sendable {
    /// The bytes of all files, where the publisher says.
    private let total: Int64?
    private let isOneFile: Bool
    private let finished = Mutex<Int64>(0)
    private let report: @Sendable (DownloadProgress) -> Void

    init(
        total: Int64?,
        isOneFile: Bool,
        _ report: @escaping @Sendable (DownloadProgress) -> Void
    ) {
        (self.total, self.isOneFile, self.report) = (total, isOneFile, report)
    }

    func show(_ phase: DownloadPhase, of file: String) {
        let before = finished.withLock { $0 }
        let (activity, count, ofFile): (DownloadProgress.Activity, Int64, Int64?) =
            switch phase {
            case .waiting: (.waitingForAnotherProcess, 0, nil)
            case .receiving(let count, let total): (.receiving, count, total)
            case .verifying(let count): (.verifying, count, nil)
            }
        report(
            DownloadProgress(
                activity: activity,
                file: file,
                receivedByteCount: before + count,
                totalByteCount: total ?? (isOneFile ? ofFile : nil)
            )
        )
    }

    func finish(byteCount: Int64) { finished.withLock { $0 += byteCount } }
}
