import Glibc

/// The bytes of a file, mapped read-only: pages come from disk when touched and can be dropped by
/// the kernel, so a checkpoint larger than memory can be read.
///
/// The file must not shrink while it is mapped: touching a page that is gone raises `SIGBUS`, which
/// ends the process. Replace a model file by renaming a new one over it, never by truncating it.
///
/// `@unchecked Sendable`: the address and the count never change after `init`, the pages are
/// read-only, and `deinit` runs when no reference is left; so all threads only ever read.
@safe final class MappedFile: @unchecked Sendable {
    /// The name given to the file in messages.
    let path: String
    private let base: UnsafeMutableRawPointer
    /// For reading; -1 where the bytes are a copy.
    private let descriptor: Int32
    /// The bytes that can be read. (No mapping is empty, so one of no bytes has a page.)
    let byteCount: Int

    /// Maps the regular file at `path`. Throws `.unreadable` with the system's reason.
    init(path: String) throws(GGUFError) {
        // Without O_NONBLOCK, opening a named pipe would wait for a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: systemError()) }
        var isMapped = false
        defer { if !isMapped { close(descriptor) } }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: systemError())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let isFolder = status.st_mode & S_IFMT == S_IFDIR
            throw .unreadable(path: path, reason: "it is \(isFolder ? "a folder" : "not a file")")
        }
        let byteCount = Int(status.st_size)
        guard byteCount > 0 else { throw .unreadable(path: path, reason: "it is empty") }
        let base = unsafe mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            throw .unreadable(path: path, reason: systemError())
        }
        isMapped = true
        self.path = path
        unsafe self.base = unsafe base
        self.descriptor = descriptor
        self.byteCount = byteCount
    }

    /// A mapping that holds a copy of `bytes`, for tests: reading far outside it faults, as it
    /// would with a file.
    init(copying bytes: [UInt8], path: String) throws(GGUFError) {
        let flags = MAP_PRIVATE | MAP_ANONYMOUS
        let base = unsafe mmap(nil, max(bytes.count, 1), PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            throw .unreadable(path: path, reason: systemError())
        }
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(start: base, count: bytes.count)
                .copyMemory(from: source)
        }
        unsafe mprotect(base, max(bytes.count, 1), PROT_READ)
        self.path = path
        unsafe self.base = unsafe base
        descriptor = -1
        byteCount = bytes.count
    }

    deinit {
        unsafe munmap(base, max(byteCount, 1))
        if descriptor >= 0 { close(descriptor) }
    }

    /// The bytes of `range`, valid in the closure. The range must lie inside the file.
    func withBytes<R, E: Error>(
        in range: Range<Int>,
        _ body: (RawSpan) throws(E) -> R
    ) throws(E) -> R {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount,
            "bytes \(range) are outside \(path), which has \(byteCount)"
        )
        let pointer = unsafe UnsafeRawBufferPointer(
            start: base + range.lowerBound,
            count: range.count
        )
        return try body(unsafe pointer.bytes)
    }

    /// Copies the bytes of `range` to `bytes` from `offset` on, by the file's descriptor: unlike
    /// pages of the mapping, what is read does not count as this process's memory, and a file that
    /// has become shorter is an error.
    func read(
        _ range: Range<Int>,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) throws(GGUFError) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= byteCount
                && offset >= 0 && offset + range.count <= bytes.byteCount,
            "bytes \(range) of \(byteCount) in \(path), into \(bytes.byteCount) at \(offset)"
        )
        var done = 0
        while done < range.count {
            let count = unsafe bytes.withUnsafeMutableBytes { target in
                let rest = unsafe UnsafeMutableRawBufferPointer(
                    rebasing: target[offset + done..<offset + range.count]
                )
                return unsafe readOnce(at: range.lowerBound + done, into: rest)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else {
                let reason = count < 0 ? systemError() : "it has become shorter"
                throw .unreadable(path: path, reason: reason)
            }
            done += count
        }
    }

    /// Reads a range of a tensor's bytes, and tells the kernel that as many after them come next.
    func read(
        _ tensor: TensorInfo,
        _ range: Range<Int>,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) throws(GGUFError) {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= tensor.byteCount,
            "bytes \(range) of \(tensor.name), which has \(tensor.byteCount)"
        )
        let start = tensor.fileOffset + range.lowerBound
        let end = tensor.fileOffset + range.upperBound
        try read(start..<end, into: &bytes, at: offset)
        prefetch(end..<min(end + range.count, byteCount))
    }

    private func readOnce(at offset: Int, into target: UnsafeMutableRawBufferPointer) -> Int {
        guard descriptor >= 0 else {
            unsafe target.copyMemory(
                from: UnsafeRawBufferPointer(start: base + offset, count: target.count)
            )
            return target.count
        }
        return unsafe pread(descriptor, target.baseAddress, target.count, offset)
    }

    /// Tells the kernel that `range` will be read soon, so that it fetches pages ahead of us.
    func prefetch(_ range: Range<Int>) {
        let pageSize = sysconf(Int32(_SC_PAGESIZE))
        let start = range.lowerBound / pageSize * pageSize
        // Advice only: whatever it returns, the bytes can be read.
        _ = unsafe madvise(base + start, range.upperBound - start, MADV_WILLNEED)
    }

    /// Lets go of the pages of `range`, which counted as this process's memory; what is touched
    /// again comes from the file again.
    func release(_ range: Range<Int>) {
        // A copy has no file to come from.
        guard descriptor >= 0, !range.isEmpty else { return }
        let pageSize = sysconf(Int32(_SC_PAGESIZE))
        let start = range.lowerBound / pageSize * pageSize
        _ = unsafe madvise(base + start, range.upperBound - start, MADV_DONTNEED)
    }
}

/// What `errno` says, in words.
private func systemError() -> String {
    unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "error \(errno)"
}
