extension ScalarSet {
    /// One character of the set, in UTF-8.
    var utf8: Expression {
        var ascii: [ByteRange] = []
        var sequences: [Expression] = []
        for range in ranges {
            for part in Self.partsOfOneLength(range) {
                if part.upperBound < 0x80 {
                    ascii.append(ByteRange(UInt8(part.lowerBound), UInt8(part.upperBound)))
                } else {
                    Self.append(
                        Self.bytes(part.lowerBound),
                        Self.bytes(part.upperBound),
                        behind: [],
                        to: &sequences
                    )
                }
            }
        }
        if sequences.isEmpty { return .bytes(ascii) }
        return .choice((ascii.isEmpty ? [] : [.bytes(ascii)]) + sequences)
    }

    /// Pieces whose members all have as many bytes.
    private static func partsOfOneLength(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
        let lengths: [ClosedRange<UInt32>] = [
            0...0x7F, 0x80...0x7FF, 0x800...0xFFFF, 0x10000...0x10FFFF,
        ]
        return lengths.filter(range.overlaps).map { range.clamped(to: $0) }
    }

    private static func bytes(_ value: UInt32) -> [UInt8] {
        guard let scalar = Unicode.Scalar(value) else {
            preconditionFailure("U+\(String(value, radix: 16)) is no scalar")
        }
        return Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
    }

    /// The strings from `lower` through `upper`, of one length, as products of byte ranges: where
    /// the first bytes differ, what is between them has any continuation.
    private static func append(
        _ lower: [UInt8],
        _ upper: [UInt8],
        behind prefix: [ByteRange],
        to sequences: inout [Expression]
    ) {
        guard let first = lower.first, let last = upper.first else {
            sequences.append(.sequence(prefix.map { .bytes([$0]) }))
            return
        }
        let least = [UInt8](repeating: 0x80, count: lower.count - 1)
        let greatest = [UInt8](repeating: 0xBF, count: lower.count - 1)
        let restOfLower = Array(lower.dropFirst())
        let restOfUpper = Array(upper.dropFirst())
        if first == last {
            append(restOfLower, restOfUpper, behind: prefix + [ByteRange(first)], to: &sequences)
            return
        }
        var begin = first
        var end = last
        if restOfLower != least {
            append(restOfLower, greatest, behind: prefix + [ByteRange(first)], to: &sequences)
            begin += 1
        }
        if restOfUpper != greatest {
            append(least, restOfUpper, behind: prefix + [ByteRange(last)], to: &sequences)
            end -= 1
        }
        if begin <= end {
            let middle = [ByteRange(begin, end)]
            let any = least.map { _ in ByteRange(0x80 as UInt8, 0xBF) }
            append([], [], behind: prefix + middle + any, to: &sequences)
        }
    }
}
