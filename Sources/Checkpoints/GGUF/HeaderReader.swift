/// A cursor over the head of a GGUF file. Each read checks that its bytes are there, and that what
/// a count announces can be there, before anything is read or reserved.
struct HeaderReader {
    let file: MappedFile
    /// Where the next field begins, in bytes from the start of the file.
    private(set) var offset = 0

    init(_ file: MappedFile) {
        self.file = file
    }

    var path: String { file.path }

    /// The bytes from the cursor to the end of the file.
    var remaining: Int { file.byteCount - offset }

    /// Moves over `byteCount` bytes, which must be there, and returns where they are.
    private mutating func take(
        _ byteCount: UInt64,
        from start: Int,
        _ field: () -> String
    ) throws(GGUFError) -> Range<Int> {
        guard byteCount <= UInt64(remaining) else {
            throw .truncated(
                path: path,
                field: field(),
                offset: start,
                needed: byteCount,
                remaining: remaining
            )
        }
        let range = offset..<offset + Int(byteCount)
        guard range.upperBound <= GGUFLimits.headerByteCount else {
            throw .overLimit(
                path: path,
                field: "the end of \(field())",
                offset: start,
                value: UInt64(range.upperBound),
                limit: GGUFLimits.headerByteCount
            )
        }
        offset = range.upperBound
        return range
    }

    /// The next integer.
    mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(
        _ field: @autoclosure () -> String
    ) throws(GGUFError) -> T {
        let range = try take(UInt64(MemoryLayout<T>.size), from: offset, field)
        return file.withBytes(in: range) { $0.integer(at: 0) }
    }

    /// The next 64-bit count of things that take at least `minimumByteCount` bytes each.
    mutating func count(
        of minimumByteCount: Int,
        limit: Int = .max,
        _ field: @autoclosure () -> String
    ) throws(GGUFError) -> Int {
        let start = offset
        let value: UInt64 = try integer(field())
        let (needed, overflow) = value.multipliedReportingOverflow(by: UInt64(minimumByteCount))
        guard !overflow && needed <= UInt64(remaining) else {
            throw .truncated(
                path: path,
                field: "\(field()), which is \(value),",
                offset: start,
                needed: overflow ? .max : needed,
                remaining: remaining
            )
        }
        guard value <= UInt64(limit) else {
            throw .overLimit(path: path, field: field(), offset: start, value: value, limit: limit)
        }
        return Int(value)
    }

    /// The next `count` integers, which are next to each other.
    mutating func integers<T: FixedWidthInteger & BitwiseCopyable>(
        _ count: Int,
        _ field: @autoclosure () -> String
    ) throws(GGUFError) -> [T] {
        let size = MemoryLayout<T>.size
        let range = try take(UInt64(count) * UInt64(size), from: offset, field)
        return file.withBytes(in: range) { bytes in
            (0..<count).map { bytes.integer(at: $0 * size) }
        }
    }

    /// The next string: a 64-bit byte count and that many bytes of UTF-8, without a terminator.
    mutating func string(
        limit: Int = .max,
        _ field: @autoclosure () -> String
    ) throws(GGUFError) -> String {
        let start = offset
        let byteCount = try count(of: 1, limit: limit, "the length of \(field())")
        let range = try take(UInt64(byteCount), from: start, field)
        guard let text = file.withBytes(in: range, validatedText) else {
            throw .invalid(path: path, field: field(), offset: start, problem: "is not valid UTF-8")
        }
        return text
    }
}

/// The text that `bytes` encode in UTF-8, or nil when they do not.
private func validatedText(_ bytes: RawSpan) -> String? {
    unsafe bytes.withUnsafeBytes { buffer in
        unsafe String(validating: buffer, as: UTF8.self)
    }
}
