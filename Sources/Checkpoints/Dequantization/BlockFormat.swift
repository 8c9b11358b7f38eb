/// A way to store elements in blocks, as the plainest formula there is: element `index` of one
/// block, in single precision.
///
/// These are the references that kernels are checked against. Each follows the block structures of
/// ggml's `ggml-common.h` and rounds after each operation, as written, so that the results agree
/// bit by bit with the `gguf` Python package.
protocol BlockFormat {
    /// Element `index` (from 0, below the block size) of the block that `block` is.
    static func element(_ index: Int, of block: RawSpan) -> Float
}

extension RawSpan {
    /// Of the bytes from `start`, the four bits of element `index`, in blocks whose first half of
    /// elements is in the low nibbles of `half` bytes and whose second half is in the high ones.
    @inline(__always)
    func nibble(_ index: Int, of half: Int, from start: Int) -> Int {
        let byte = byte(at: start + index % half)
        return Int(index < half ? byte & 15 : byte >> 4)
    }

    /// Bit `index` of the bytes from `start`, the lowest bit of each byte first.
    @inline(__always)
    func bit(_ index: Int, from start: Int) -> Int {
        Int(byte(at: start + index / 8) >> UInt8(index % 8) & 1)
    }

    /// The byte at `offset` as a signed integer.
    @inline(__always)
    func signedByte(at offset: Int) -> Int {
        Int(Int8(bitPattern: byte(at: offset)))
    }
}
