extension RawSpan {
    /// The little-endian integer at `offset`, which need not be aligned. Traps outside the span.
    @inline(__always)
    func integer<T: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: T.Type = T.self)
        -> T
    {
        precondition(offset >= 0 && offset <= byteCount - MemoryLayout<T>.size)
        // Every bit pattern is an integer, and the bounds were just checked.
        return T(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// The byte at `offset`.
    @inline(__always)
    package func byte(at offset: Int) -> UInt8 {
        integer(at: offset)
    }

    /// The half-precision number at `offset`, widened, which is exact.
    @inline(__always)
    func half(at offset: Int) -> Float {
        Float(Float16(bitPattern: integer(at: offset)))
    }
}
