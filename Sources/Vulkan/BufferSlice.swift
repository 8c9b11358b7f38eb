/// A range of a buffer: what kernels are given and what hazards are tracked by.
public struct BufferSlice {
    public let buffer: Buffer
    /// Bytes from the buffer's start.
    public let offset: Int
    public let byteCount: Int

    public init(buffer: Buffer, offset: Int, byteCount: Int) {
        precondition(
            offset >= 0 && byteCount >= 0 && offset + byteCount <= buffer.byteCount,
            "\(buffer.label): \(offset) + \(byteCount) of \(buffer.byteCount) bytes"
        )
        self.buffer = buffer
        self.offset = offset
        self.byteCount = byteCount
    }

    /// The slice's first byte, as kernels see it.
    public var address: UInt64 { buffer.address + UInt64(offset) }

    /// The part of `byteCount` bytes from `offset` on.
    public func slice(at offset: Int, byteCount: Int) -> BufferSlice {
        precondition(
            offset >= 0 && offset + byteCount <= self.byteCount,
            "\(buffer.label): \(offset) + \(byteCount) of a slice of \(self.byteCount) bytes"
        )
        return BufferSlice(buffer: buffer, offset: self.offset + offset, byteCount: byteCount)
    }

    func overlaps(_ other: BufferSlice) -> Bool {
        buffer === other.buffer && offset < other.offset + other.byteCount
            && other.offset < offset + byteCount
    }

    /// Copies values into a mapped buffer, from element `index` on.
    public func write<T: BitwiseCopyable>(_ values: [T], at index: Int = 0) {
        let start = index * MemoryLayout<T>.stride
        let count = values.count * MemoryLayout<T>.stride
        precondition(
            start + count <= byteCount,
            "\(buffer.label): \(start) + \(count) of a slice of \(byteCount) bytes"
        )
        values.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            buffer.pointer(at: offset + start).copyMemory(from: source, byteCount: count)
        }
    }

    /// Copies bytes into a mapped buffer, from byte `start` on.
    public func write(bytes: RawSpan, at start: Int = 0) {
        precondition(
            start + bytes.byteCount <= byteCount,
            "\(buffer.label): \(start) + \(bytes.byteCount) of a slice of \(byteCount) bytes"
        )
        bytes.withUnsafeBytes { source in
            guard let base = source.baseAddress else { return }
            buffer.pointer(at: offset + start).copyMemory(from: base, byteCount: source.count)
        }
    }

    /// Copies the bytes of another mapped slice of the same size, which may be another device's.
    public func write(from source: BufferSlice) {
        precondition(
            source.byteCount == byteCount,
            "\(source.buffer.label): \(source.byteCount) bytes into \(byteCount)"
        )
        buffer.pointer(at: offset).copyMemory(
            from: source.buffer.pointer(at: source.offset),
            byteCount: byteCount
        )
    }

    /// Lets `fill` write the slice's bytes in place, in a mapped buffer.
    public func withMappedBytes<E: Error>(
        _ fill: (inout MutableRawSpan) throws(E) -> Void
    ) throws(E) {
        let bytes = UnsafeMutableRawBufferPointer(
            start: buffer.pointer(at: offset),
            count: byteCount
        )
        var span = bytes.mutableBytes
        try fill(&span)
    }

    /// Copies `count` values out of a mapped buffer, from element `index` on.
    public func read<T: BitwiseCopyable>(_ type: T.Type, at index: Int = 0, count: Int) -> [T] {
        let start = index * MemoryLayout<T>.stride
        precondition(
            start + count * MemoryLayout<T>.stride <= byteCount,
            "\(buffer.label): \(count) elements at \(index) of a slice of \(byteCount) bytes"
        )
        let pointer = buffer.pointer(at: offset + start).assumingMemoryBound(to: T.self)
        return Array(UnsafeBufferPointer(start: pointer, count: count))
    }
}
