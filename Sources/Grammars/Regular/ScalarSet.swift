/// A set of Unicode scalar values, as ascending ranges without overlap; never a surrogate.
struct ScalarSet: Equatable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>]

    static let all = ScalarSet([0...0x10FFFF])
    static let digits = ScalarSet(["0"..."9"])
    static let wordCharacters = ScalarSet(["0"..."9", "A"..."Z", "_"..."_", "a"..."z"])
    /// White space and line ends of ECMA-262, section 22.2.2.9.
    static let spaces = ScalarSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
        0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
    /// What ends a line, which `.` does not match.
    static let lineEnds = ScalarSet([0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029])

    init(_ ranges: [ClosedRange<UInt32>]) {
        self.ranges = []
        let sorted = ranges.flatMap(Self.withoutSurrogates).sorted {
            $0.lowerBound < $1.lowerBound
        }
        for range in sorted {
            if let last = self.ranges.last, range.lowerBound <= last.upperBound + 1 {
                let upper = max(last.upperBound, range.upperBound)
                self.ranges[self.ranges.count - 1] = last.lowerBound...upper
            } else {
                self.ranges.append(range)
            }
        }
    }

    init(_ ranges: [ClosedRange<Unicode.Scalar>]) {
        self.init(ranges.map { $0.lowerBound.value...$0.upperBound.value })
    }

    init(_ scalar: Unicode.Scalar) { self.init([scalar.value...scalar.value]) }

    private static func withoutSurrogates(_ range: ClosedRange<UInt32>) -> [ClosedRange<UInt32>] {
        var parts: [ClosedRange<UInt32>] = []
        if range.lowerBound < 0xD800 {
            parts.append(range.lowerBound...min(range.upperBound, 0xD7FF))
        }
        if range.upperBound > 0xDFFF {
            parts.append(max(range.lowerBound, 0xE000)...range.upperBound)
        }
        return parts
    }

    var inverted: ScalarSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { gaps.append(next...0x10FFFF) }
        return ScalarSet(gaps)
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    func subtracting(_ other: ScalarSet) -> ScalarSet {
        inverted.union(other).inverted
    }

    func contains(_ value: UInt32) -> Bool { ranges.contains { $0.contains(value) } }

    /// The set with the other case of each ASCII letter.
    var ignoringCase: ScalarSet {
        var more = ranges
        for (letters, shift) in [(UInt32(0x41)...0x5A, Int(32)), (0x61...0x7A, -32)] {
            for range in ranges where range.overlaps(letters) {
                let common = range.clamped(to: letters)
                more.append(
                    UInt32(
                        Int(common.lowerBound) + shift
                    )...UInt32(Int(common.upperBound) + shift)
                )
            }
        }
        return ScalarSet(more)
    }
}
