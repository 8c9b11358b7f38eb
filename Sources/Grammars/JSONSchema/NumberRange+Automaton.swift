extension NumberRange {
    /// Integers without bounds are those that 64 bits hold: whoever reads them expects that.
    static let int64: NumberRange = {
        var range = NumberRange()
        if let least = Decimal("-9223372036854775808"), let most = Decimal("9223372036854775807") {
            range.raise(to: least, isExclusive: false)
            range.lower(to: most, isExclusive: false)
        }
        return range
    }()

    /// The texts of the numbers in the range, without exponent: digits are compared with the
    /// bounds' from the left. -0 is not among them.
    func automaton(isInteger: Bool, limits: GrammarLimits) throws(GrammarError) -> ByteAutomaton {
        var bounded = self
        if isInteger, lower == nil || upper == nil { bounded.formIntersection(.int64) }
        var graph = RuleGraph(limits: limits)
        try bounded.appendMagnitudes(to: &graph, from: RuleGraph.start, isInteger: isInteger)
        var negative = bounded.negated
        negative.raise(to: .zero, isExclusive: true)
        let sign = try graph.addState()
        graph.connect(RuleGraph.start, sign, reading: ByteRange("-"))
        try negative.appendMagnitudes(to: &graph, from: sign, isInteger: isInteger)
        return try ByteAutomaton(graph)
    }

    /// Adds the numbers of the range that are not negative.
    private func appendMagnitudes(
        to graph: inout RuleGraph,
        from source: RuleGraph.State,
        isInteger: Bool
    ) throws(GrammarError) {
        var range = self
        range.raise(to: .zero, isExclusive: false)
        if range.upper == nil {
            // As many digits as JSONText.number has, or the lower bound needs.
            let digits = max(16, (range.lower?.value.whole.count ?? 0) + 1)
            let powerOfTen = [1] + [UInt8](repeating: 0, count: digits)
            range.lower(
                to: Decimal(isNegative: false, whole: powerOfTen, fraction: []),
                isExclusive: true
            )
        }
        guard !range.isEmpty, let lower = range.lower, let upper = range.upper else { return }
        for count in max(1, lower.value.whole.count)...max(1, upper.value.whole.count) {
            var digits = DigitGraph(lower: lower, upper: upper, wholeCount: count)
            try digits.append(to: &graph, from: source, isInteger: isInteger)
        }
    }
}

/// Numbers with one count of digits before the point, compared digit by digit with two bounds.
private struct DigitGraph {
    let lower: NumberRange.Bound
    let upper: NumberRange.Bound
    let wholeCount: Int
    private var states: [Key: RuleGraph.State] = [:]

    /// How much has been read, and whether all of it equals the beginning of a bound.
    fileprivate struct Key: Hashable {
        var position: Int
        var isLower: Bool
        var isUpper: Bool
    }

    init(lower: NumberRange.Bound, upper: NumberRange.Bound, wholeCount: Int) {
        self.lower = lower
        self.upper = upper
        self.wholeCount = wholeCount
    }

    /// The digits behind the point that a number without exponent may have.
    private var fractionCount: Int {
        max(16, lower.value.fraction.count + 1, upper.value.fraction.count + 1)
    }

    mutating func append(
        to graph: inout RuleGraph,
        from source: RuleGraph.State,
        isInteger: Bool
    ) throws(GrammarError) {
        var pending = [
            Key(
                position: 0,
                isLower: max(1, lower.value.whole.count) == wholeCount,
                isUpper: max(1, upper.value.whole.count) == wholeCount
            )
        ]
        states = [pending[0]: source]
        while let key = pending.popLast() {
            guard var state = states[key] else { continue }
            if key.position >= wholeCount, mayEnd(key) { graph.markFinal(state) }
            if key.position == wholeCount {
                if isInteger { continue }
                let point = try graph.addState()
                graph.connect(state, point, reading: ByteRange("."))
                state = point
            }
            guard key.position < wholeCount + fractionCount else { continue }
            for digit in UInt8(0)...9 {
                guard let next = key.next(digit, in: self) else { continue }
                if states[next] == nil {
                    states[next] = try graph.addState()
                    pending.append(next)
                }
                guard let target = states[next] else { continue }
                graph.connect(state, target, reading: ByteRange(0x30 + digit))
            }
        }
    }

    fileprivate func digit(of value: Decimal, at position: Int) -> UInt8 {
        if position < wholeCount {
            return value.whole.isEmpty ? 0 : value.whole[position]
        }
        let index = position - wholeCount
        return index < value.fraction.count ? value.fraction[index] : 0
    }

    /// Whether the digits read are a number in the range.
    private func mayEnd(_ key: Key) -> Bool {
        let read = key.position - wholeCount
        if key.isLower, read < lower.value.fraction.count || lower.isExclusive { return false }
        return !(key.isUpper && read >= upper.value.fraction.count && upper.isExclusive)
    }
}

extension DigitGraph.Key {
    /// The state after one more digit, or nil if the number would leave the range.
    fileprivate func next(_ digit: UInt8, in graph: DigitGraph) -> Self? {
        if position == 0, digit == 0, graph.wholeCount > 1 { return nil }
        let least = isLower ? graph.digit(of: graph.lower.value, at: position) : 0
        let most = isUpper ? graph.digit(of: graph.upper.value, at: position) : 9
        if digit < least || digit > most { return nil }
        return Self(
            position: position + 1,
            isLower: isLower && digit == least,
            isUpper: isUpper && digit == most
        )
    }
}
