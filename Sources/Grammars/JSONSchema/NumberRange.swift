/// The numbers between two bounds, each of which may be excluded or absent.
struct NumberRange: Equatable, Sendable {
    struct Bound: Equatable, Sendable {
        var value: Decimal
        var isExclusive: Bool
    }

    private(set) var lower: Bound?
    private(set) var upper: Bound?

    var isUnbounded: Bool { lower == nil && upper == nil }

    mutating func raise(to value: Decimal, isExclusive: Bool) {
        if let lower, value < lower.value { return }
        let wasExclusive = lower?.value == value && lower?.isExclusive == true
        lower = Bound(value: value, isExclusive: isExclusive || wasExclusive)
    }

    mutating func lower(to value: Decimal, isExclusive: Bool) {
        if let upper, upper.value < value { return }
        let wasExclusive = upper?.value == value && upper?.isExclusive == true
        upper = Bound(value: value, isExclusive: isExclusive || wasExclusive)
    }

    mutating func formIntersection(_ other: Self) {
        if let bound = other.lower { raise(to: bound.value, isExclusive: bound.isExclusive) }
        if let bound = other.upper { lower(to: bound.value, isExclusive: bound.isExclusive) }
    }

    /// The numbers' negatives.
    var negated: NumberRange {
        func negated(_ bound: Bound?) -> Bound? {
            bound.map { Bound(value: $0.value.negated, isExclusive: $0.isExclusive) }
        }
        var range = NumberRange()
        range.lower = negated(upper)
        range.upper = negated(lower)
        return range
    }

    var isEmpty: Bool {
        guard let lower, let upper else { return false }
        return upper.value < lower.value
            || upper.value == lower.value && (lower.isExclusive || upper.isExclusive)
    }
}
