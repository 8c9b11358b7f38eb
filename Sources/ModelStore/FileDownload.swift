import Foundation

/// One file from a server to a path. The path exists only once the whole file is there and its
/// checksum, where one is known, is right.
///
/// While it comes, its bytes are in `path.partial` and the record of them in `path.journal`, under
/// the lock `path.lock`, which stays.
struct FileDownload: Sendable {
    let address: WebAddress
    let path: String
    /// What the publisher says of the file, as far as it does.
    var byteCount: Int64?
    var sha256: String?
    let client: WebClient

    /// Downloads what is missing. `report` is told how many bytes are here, of how many.
    func run(_ report: @escaping @Sendable (DownloadPhase) -> Void) async throws {
        if isComplete { return }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
        } catch {
            throw ModelStoreError.fileSystem(path: folder, reason: error.localizedDescription)
        }
        let lock = try await FileLock.acquire(path + ".lock", client.limits) { report(.waiting) }
        // Somebody else may have brought it while we waited.
        if isComplete { return }
        try await download(under: lock, folder, report)
    }

    /// Whether the file is here. It has its name only since it was whole; that it also has the
    /// length the hub gives is a defence against files that were put there by hand.
    private var isComplete: Bool {
        guard fileExists(path) else { return false }
        guard let byteCount, let file = try? OpenFile(reading: path) else { return true }
        return file.byteCount == byteCount
    }

    private func download(
        under lock: FileLock,
        _ folder: String,
        _ report: @escaping @Sendable (DownloadPhase) -> Void
    ) async throws {
        let heart = ticking(every: 1) { lock.touch() }
        defer { heart.cancel() }
        // Without a lock somebody else may be writing the same file.
        let own = lock.isHeld ? "" : ".\(ProcessInfo.processInfo.processIdentifier)"
        let (partialPath, journalPath) = (path + own + ".partial", path + own + ".journal")
        let remote = try await onThread { try RemoteFile(of: self) }
        if let byteCount = remote.byteCount, remote.servesRanges {
            let ranged = RangedDownload(self, remote, byteCount, partialPath, journalPath)
            try checkRoom(for: ranged.missingByteCount, in: folder)
            try await ranged.run(report)
        } else {
            let room = try checkRoom(for: remote.byteCount ?? 0, in: folder)
            try await StreamedDownload(download: self, remote: remote, room: room)
                .run(partialPath, report)
        }
        try await verify(partialPath, journalPath, report)
        try moveFile(partialPath, to: path)
        removeFile(journalPath)
    }

    /// Returns how many bytes there is room for. Throws `.noRoom` when `missing` do not fit.
    @discardableResult
    private func checkRoom(
        for missing: Int64,
        in folder: String
    ) throws(ModelStoreError) -> Int64 {
        let free = try freeByteCount(in: folder)
        guard missing + client.limits.spareByteCount <= free else {
            throw .noRoom(folder: folder, needed: missing, free: free)
        }
        return free - client.limits.spareByteCount
    }

    private func verify(
        _ partialPath: String,
        _ journalPath: String,
        _ report: @escaping @Sendable (DownloadPhase) -> Void
    ) async throws {
        guard let sha256 else { return }
        let found = try await onThread {
            try fileDigest(partialPath) { report(.verifying($0)) }
        }
        guard found == sha256.lowercased() else {
            removeFile(partialPath)
            removeFile(journalPath)
            throw ModelStoreError.wrongChecksum(file: path, expected: sha256, found: found)
        }
    }
}

/// What a download of one file is doing.
enum DownloadPhase: Sendable {
    /// Another process downloads it.
    case waiting
    /// Bytes that are here, of all bytes of the file where they are known.
    case receiving(Int64, of: Int64?)
    /// Bytes whose checksum is computed.
    case verifying(Int64)
}
