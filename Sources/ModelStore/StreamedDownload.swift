import Foundation
import Synchronization

/// One file from a server that serves no ranges: in one piece, from the start at every attempt.
struct StreamedDownload: Sendable {
    let download: FileDownload
    let remote: RemoteFile
    /// Bytes that the disk has room for.
    let room: Int64

    func run(
        _ partialPath: String,
        _ report: @escaping @Sendable (DownloadPhase) -> Void
    ) async throws {
        let file = try OpenFile(creating: partialPath)
        let shared = SharedState()
        let ticker = ticking(every: download.client.limits.journalSeconds) {
            report(.receiving(shared.state.receivedCount, of: remote.byteCount))
        }
        defer { ticker.cancel() }
        try await withTaskCancellationHandler {
            try await onThread { try receive(into: file, shared) }
        } onCancel: {
            shared.state.stop()
        }
        report(.receiving(file.byteCount, of: remote.byteCount))
        try file.synchronize()
    }

    private func receive(into file: OpenFile, _ shared: SharedState) throws(ModelStoreError) {
        let (address, client) = (download.address, download.client)
        var attempts = Attempts(address: address, policy: client.limits.retries)
        while true {
            try file.truncate(to: 0)
            let state = shared.renew()
            let limit = remote.byteCount ?? min(room, client.limits.fileByteCount)
            let answer = try client.get(
                WebClient.Request(
                    address: address,
                    file: (file.descriptor, 0, 200, limit),
                    bodyLimit: client.limits.errorByteCount
                ),
                state
            )
            switch answer.outcome(expecting: [200]) {
            case .success: return try check(answer)
            case .tooLong:
                throw .malformedAnswer(
                    address: address.shown,
                    problem: remote.byteCount == nil
                        ? "the file does not end within the \(limit) bytes there is room for"
                        : "it sends more than the \(limit) bytes it announced"
                )
            case .final(let failure): throw failure.error(address)
            case .transient(let failure): try attempts.wait(after: failure, state)
            }
        }
    }

    private func check(_ answer: Transfer.Answer) throws(ModelStoreError) {
        let address = download.address
        if let expected = remote.byteCount, answer.writtenCount != expected {
            throw .malformedAnswer(
                address: address.shown,
                problem: "it sends \(answer.writtenCount) bytes of \(expected)"
            )
        }
        guard remote.byteCount != nil || download.sha256 != nil || answer.headers.isFramed else {
            throw .malformedAnswer(
                address: address.shown,
                problem:
                    "nothing says how long the file is, so it may be cut off; add its checksum "
                    + "to the address: #sha256=…"
            )
        }
    }
}

/// The state of the attempt that runs.
private final class SharedState: Sendable {
    private let current = Mutex(TransferState())

    var state: TransferState { current.withLock { $0 } }

    /// A new state, stopped if the old one was.
    func renew() -> TransferState {
        current.withLock { current in
            let next = TransferState()
            if current.isStopped { next.stop() }
            current = next
            return next
        }
    }
}
