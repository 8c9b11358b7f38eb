internal import Glibc

/// What an error number says, in words.
func systemError(_ number: Int32 = errno) -> String {
    unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
}

/// A file that is open for as long as this object lives.
final class OpenFile: Sendable {
    let descriptor: Int32
    let path: String

    /// Opens `path`, and makes it where there is none, for reading and writing.
    init(creating path: String) throws(ModelStoreError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        self.path = path
        guard descriptor >= 0 else { throw .fileSystem(path: path, reason: systemError()) }
    }

    /// Opens `path` for reading.
    init(reading path: String) throws(ModelStoreError) {
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        self.path = path
        guard descriptor >= 0 else { throw .fileSystem(path: path, reason: systemError()) }
    }

    deinit { close(descriptor) }

    /// Makes what was written last through a loss of power.
    func synchronize() throws(ModelStoreError) {
        guard fdatasync(descriptor) == 0 else {
            throw .fileSystem(path: path, reason: systemError())
        }
    }

    func truncate(to byteCount: Int64) throws(ModelStoreError) {
        guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
            throw .fileSystem(path: path, reason: systemError())
        }
    }

    var byteCount: Int64 {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
    }

    /// Reads the next bytes into `buffer`; 0 at the end.
    func read(into buffer: inout [UInt8]) throws(ModelStoreError) -> Int {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
            }
            if count >= 0 { return count }
            guard errno == EINTR else { throw .fileSystem(path: path, reason: systemError()) }
        }
    }
}

/// Bytes that this user may still write to the disk that holds `folder`.
func freeByteCount(in folder: String) throws(ModelStoreError) -> Int64 {
    var status = statvfs()
    guard unsafe statvfs(folder, &status) == 0 else {
        throw .fileSystem(path: folder, reason: systemError())
    }
    return Int64(
        clamping: UInt64(status.f_bavail).multipliedSaturating(by: UInt64(status.f_frsize))
    )
}

/// Puts `source` in the place of `target` in one step.
func moveFile(_ source: String, to target: String) throws(ModelStoreError) {
    guard unsafe rename(source, target) == 0 else {
        throw .fileSystem(path: target, reason: systemError())
    }
}

func removeFile(_ path: String) { _ = unsafe unlink(path) }

func fileExists(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0
}

/// Bytes that a file takes on the disk, which grow as a sparse file is filled.
func allocatedByteCount(_ path: String) -> Int64 {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int64(status.st_blocks) * 512 : 0
}

extension UInt64 {
    fileprivate func multipliedSaturating(by factor: UInt64) -> UInt64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
