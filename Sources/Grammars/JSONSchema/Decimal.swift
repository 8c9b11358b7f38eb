/// A decimal number of moderate size, exactly.
struct Decimal: Equatable, Sendable {
    var isNegative: Bool
    /// Digits before the point, without leading zeros (none for 0), and after it, without trailing.
    var whole: [UInt8]
    var fraction: [UInt8]

    /// The digits that a bound may have before and behind the point.
    static let digitLimit = 30

    static let zero = Decimal(isNegative: false, whole: [], fraction: [])

    init(isNegative: Bool, whole: [UInt8], fraction: [UInt8]) {
        self.isNegative = isNegative
        self.whole = Array(whole.drop { $0 == 0 })
        var fraction = fraction
        while fraction.last == 0 { fraction.removeLast() }
        self.fraction = fraction
    }

    /// From JSON's text of a number, or nil if it has more digits than `digitLimit`.
    init?(_ text: String) {
        var whole: [UInt8] = []
        var fraction: [UInt8] = []
        let parts = text.split(
            maxSplits: 1,
            omittingEmptySubsequences: false
        ) { $0 == "e" || $0 == "E" }
        var isFraction = false
        for byte in parts[0].utf8 where byte != UInt8(ascii: "-") {
            if byte == UInt8(ascii: ".") {
                isFraction = true
            } else if isFraction {
                fraction.append(byte - 0x30)
            } else {
                whole.append(byte - 0x30)
            }
        }
        if parts.count > 1 {
            guard let exponent = Int(parts[1]), abs(exponent) <= 400 else { return nil }
            if exponent > 0 {
                fraction += Array(repeating: 0, count: max(0, exponent - fraction.count))
                whole += fraction.prefix(exponent)
                fraction.removeFirst(exponent)
            } else {
                whole = Array(repeating: 0, count: max(0, -exponent - whole.count)) + whole
                fraction = whole.suffix(-exponent) + fraction
                whole.removeLast(-exponent)
            }
        }
        self.init(isNegative: text.hasPrefix("-"), whole: whole, fraction: fraction)
        guard self.whole.count <= Self.digitLimit, self.fraction.count <= Self.digitLimit else {
            return nil
        }
        if isZero { isNegative = false }
    }

    var isZero: Bool { whole.isEmpty && fraction.isEmpty }
    var isWhole: Bool { fraction.isEmpty }
    var magnitude: Decimal { Decimal(isNegative: false, whole: whole, fraction: fraction) }
    var negated: Decimal {
        Decimal(isNegative: !isNegative && !isZero, whole: whole, fraction: fraction)
    }

    /// The number as a count of things, if it is one under a billion.
    var count: Int? {
        guard isWhole, !isNegative, whole.count <= 9 else { return nil }
        return whole.reduce(0) { $0 * 10 + Int($1) }
    }

    static func < (left: Self, right: Self) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        if left.isNegative { return right.negated < left.negated }
        if left.whole.count != right.whole.count { return left.whole.count < right.whole.count }
        if left.whole != right.whole { return left.whole.lexicographicallyPrecedes(right.whole) }
        return left.fraction.lexicographicallyPrecedes(right.fraction)
    }
}
