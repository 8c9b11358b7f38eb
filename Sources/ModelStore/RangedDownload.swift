import Foundation
import Synchronization

/// One file in ranges over several connections, each of which can fail and be made again, and what
/// has arrived can be gone on with by another process.
final class RangedDownload: Sendable {
    private let download: FileDownload
    private let byteCount: Int64
    private let identity: DownloadJournal
    private let partialPath, journalPath: String
    private let state = TransferState()
    private let work: Mutex<Work>

    private struct Work: ~Copyable {
        var received: ReceivedRanges
        /// What no connection has begun, last first.
        var pending: [Range<Int64>]
        /// Where the transfers that run began to write.
        var running: [Int64: TransferState] = [:]
    }

    /// Goes on with the file at `partialPath` if the journal says that it is of this file.
    init(
        _ download: FileDownload,
        _ remote: RemoteFile,
        _ byteCount: Int64,
        _ partialPath: String,
        _ journalPath: String
    ) {
        (self.download, self.byteCount) = (download, byteCount)
        (self.partialPath, self.journalPath) = (partialPath, journalPath)
        identity = DownloadJournal(
            byteCount: byteCount,
            sha256: download.sha256,
            entityTag: remote.entityTag
        )
        var received = ReceivedRanges()
        if fileExists(partialPath), let journal = DownloadJournal(path: journalPath),
            identity.continues(journal)
        {
            received = journal.ranges
        }
        let chunks = received.missing(
            of: byteCount,
            chunkByteCount: download.client.limits.chunkByteCount
        )
        state.add(received.byteCount)
        work = Mutex(Work(received: received, pending: chunks.reversed()))
    }

    var missingByteCount: Int64 { byteCount - state.receivedCount }

    func run(_ report: @escaping @Sendable (DownloadPhase) -> Void) async throws {
        let file = try OpenFile(creating: partialPath)
        try file.truncate(to: byteCount)
        let limits = download.client.limits
        let ticker = ticking(every: limits.journalSeconds) { [self] in
            report(.receiving(state.receivedCount, of: byteCount))
            // A record that cannot be written is no reason to stop what can.
            try? record(file)
        }
        var failure: (any Error)?
        do {
            try await withTaskCancellationHandler {
                try await receiveAll(into: file, limits.connectionCount)
            } onCancel: {
                state.stop()
            }
        } catch {
            failure = error
        }
        ticker.cancel()
        // The last record is the one below, or none.
        await ticker.value
        if let failure {
            try? record(file)
            forgetIfWrong(failure)
            throw failure
        }
        report(.receiving(state.receivedCount, of: byteCount))
        try file.synchronize()
    }

    /// What came from a server that contradicts itself cannot be gone on with.
    private func forgetIfWrong(_ error: any Error) {
        switch error as? ModelStoreError {
        case .malformedAnswer, .changed: removeFile(journalPath)
        default: break
        }
    }

    private func receiveAll(into file: OpenFile, _ connectionCount: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<connectionCount {
                group.addTask { [self] in
                    try await onThread { [self] in
                        while let range = next() { try receive(range, file) }
                    }
                }
            }
            do {
                try await group.waitForAll()
            } catch {
                // The other threads end soon, and the group waits for them.
                state.stop()
                throw error
            }
        }
    }

    private func next() -> Range<Int64>? {
        work.withLock { $0.pending.popLast() }
    }

    /// Receives a range on this thread, in as many attempts as it takes.
    private func receive(_ range: Range<Int64>, _ file: OpenFile) throws(ModelStoreError) {
        let client = download.client
        var attempts = Attempts(address: download.address, policy: client.limits.retries)
        var rest = range
        var sinceFailure: Int64 = 0
        while true {
            if state.isStopped { throw .stopped }
            let answer = try get(rest, file)
            let count = try accepted(answer, rest)
            work.withLock { work in
                work.running[rest.lowerBound] = nil
                work.received.insert(rest.lowerBound..<rest.lowerBound + count)
            }
            rest = rest.lowerBound + count..<rest.upperBound
            if rest.isEmpty { return }
            sinceFailure += count
            if sinceFailure >= client.limits.retries.progressByteCount {
                attempts.madeProgress()
                sinceFailure = 0
            }
            switch answer.outcome(expecting: [206]) {
            case .success, .tooLong: if count > 0 { continue }
            case .final(let failure):
                throw state.isStopped ? .stopped : failure.error(download.address)
            case .transient(let failure):
                try attempts.wait(after: failure, state)
                continue
            }
            try attempts.wait(after: AttemptFailure(reason: "an empty answer"), state)
        }
    }

    private func get(
        _ range: Range<Int64>,
        _ file: OpenFile
    ) throws(ModelStoreError) -> Transfer.Answer {
        let transfer = TransferState(partOf: state)
        work.withLock { $0.running[range.lowerBound] = transfer }
        return try download.client.get(
            WebClient.Request(
                address: download.address,
                range: range.lowerBound...range.upperBound - 1,
                // A checksum says more than a tag, which differs between a publisher's servers.
                ifRange: download.sha256 == nil ? identity.entityTag : nil,
                file: (file.descriptor, range.lowerBound, 206, Int64(range.count)),
                bodyLimit: download.client.limits.errorByteCount
            ),
            transfer
        )
    }

    /// How many bytes from the start of `range` the answer brought. Throws when it is an answer to
    /// another question.
    private func accepted(
        _ answer: Transfer.Answer,
        _ range: Range<Int64>
    ) throws(ModelStoreError) -> Int64 {
        let shown = download.address.shown
        if answer.status == 200 || answer.status == 416 { throw .changed(address: shown) }
        guard answer.status == 206 else { return 0 }
        guard case (let found?, let total)? = answer.headers.contentRange else {
            throw .malformedAnswer(address: shown, problem: "a range without a Content-Range")
        }
        guard total == byteCount else { throw .changed(address: shown) }
        guard found.lowerBound == range.lowerBound, found.upperBound < range.upperBound else {
            throw .malformedAnswer(
                address: shown,
                problem: "asked for bytes \(range.lowerBound) to \(range.upperBound - 1), it sends "
                    + "\(found.lowerBound) to \(found.upperBound)"
            )
        }
        if download.sha256 == nil, let tag = identity.entityTag,
            let found = answer.headers.strongETag, found != tag
        {
            throw .changed(address: shown)
        }
        guard answer.failure != .tooLong, answer.writtenCount <= found.count else {
            throw .malformedAnswer(address: shown, problem: "it sends more bytes than it announced")
        }
        return answer.writtenCount
    }

    /// Writes down what has arrived: first where transfers are, then the bytes to the disk, then
    /// the record, so that the record never says more than the disk has.
    private func record(_ file: OpenFile) throws(ModelStoreError) {
        let received = work.withLock { work in
            var received = work.received
            for (start, transfer) in work.running {
                received.insert(start..<start + transfer.receivedCount)
            }
            return received
        }
        try file.synchronize()
        var journal = identity
        journal.ranges = received
        try journal.write(to: journalPath)
    }
}
