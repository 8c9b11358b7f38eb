/// Bytes from `lower` through `upper`.
struct ByteRange: Hashable, Sendable {
    var lower: UInt8
    var upper: UInt8

    init(_ lower: UInt8, _ upper: UInt8) {
        precondition(lower <= upper, "the byte range \(lower)...\(upper) is reversed")
        self.lower = lower
        self.upper = upper
    }

    init(_ byte: UInt8) { self.init(byte, byte) }

    init(_ character: Unicode.Scalar) { self.init(UInt8(ascii: character)) }

    /// The range of two ASCII characters.
    init(_ lower: Unicode.Scalar, _ upper: Unicode.Scalar) {
        self.init(UInt8(ascii: lower), UInt8(ascii: upper))
    }

    func intersection(_ other: Self) -> Self? {
        let lower = max(lower, other.lower)
        let upper = min(upper, other.upper)
        return lower <= upper ? Self(lower, upper) : nil
    }
}
