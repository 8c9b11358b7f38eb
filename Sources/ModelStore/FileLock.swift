import Foundation
internal import Glibc

/// A lock between processes on a file, for as long as this object lives.
///
/// It is the kernel's (`flock`), which lets go of it when its holder ends, however it ends; network
/// file systems that know locks let go when the holder's machine is gone. The holder touches the
/// file now and then: one that hangs is told from one that works. Where a file system knows no
/// locks nothing is locked, and two processes may download the same file twice, each to a name of
/// its own.
package final class FileLock: Sendable {
    private let file: OpenFile
    /// Whether this process is the only one, as far as the file system can say.
    package let isHeld: Bool

    /// The lock on `path`, or nil while another process has it.
    package init?(path: String) throws(ModelStoreError) {
        let file = try OpenFile(creating: path)
        let isLocked = flock(file.descriptor, LOCK_EX | LOCK_NB) == 0
        let reason = errno
        guard isLocked || reason != EWOULDBLOCK else { return nil }
        self.file = file
        isHeld = isLocked
        touch()
    }

    /// Shows those who wait that this process works.
    package func touch() { _ = futimens(file.descriptor, nil) }

    /// When the holder last showed that it works, in nanoseconds.
    static func lastTouch(_ path: String) -> Int64 {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return 0 }
        return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    /// Waits for the lock on `path`; `waiting` is called once if another process has it. Throws
    /// `.busy` when the holder shows no life for `limits.busySeconds`.
    package static func acquire(
        _ path: String,
        _ limits: StoreLimits,
        waiting: () -> Void
    ) async throws -> FileLock {
        var hasWaited = false
        var lastSeen = lastTouch(path)
        var lastChange = ContinuousClock.now
        while true {
            if let lock = try FileLock(path: path) { return lock }
            if !hasWaited { waiting() }
            hasWaited = true
            let touched = lastTouch(path)
            if touched != lastSeen { (lastSeen, lastChange) = (touched, .now) }
            guard ContinuousClock.now - lastChange < .seconds(limits.busySeconds) else {
                throw ModelStoreError.busy(path: path, seconds: limits.busySeconds)
            }
            try await Task.sleep(for: .seconds(limits.lockPollSeconds))
        }
    }
}
