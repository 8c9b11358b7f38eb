extension Decimal {
    /// The greatest multiple, less its point, for which remainders are counted.
    private static let largestDivisor = 10_000

    /// The texts of this number's multiples, without exponent and with no more digits behind the
    /// point than it has: an automaton whose states are remainders.
    func multiples(path: String, limits: GrammarLimits) throws(GrammarError) -> ByteAutomaton {
        let scale = fraction.count
        let divisor = (whole + fraction).reduce(0) { min($0 * 10 + Int($1), .max / 100) }
        guard divisor <= Self.largestDivisor, scale <= 8 else {
            throw .unsupported(
                path: path,
                problem: "'multipleOf' is enforced up to \(Self.largestDivisor), its point left out"
            )
        }
        let powers = (0...scale).map { (0..<$0).reduce(1) { power, _ in power * 10 } }
        func isMultiple(_ state: Remainder) -> Bool {
            state.remainder * powers[scale - state.fractionCount] % divisor == 0
        }
        return try ByteAutomaton(
            exploring: Remainder(),
            limits: limits,
            isFinal: { $0.hasDigit && isMultiple($0) },
            steps: { state in
                var steps: [(ByteRange, Remainder)] = []
                if state.isStart {
                    steps.append((ByteRange("-"), Remainder(isStart: false)))
                }
                if state.hasDigit, !state.hasPoint, scale > 0 {
                    var next = state
                    next.hasPoint = true
                    next.hasDigit = false
                    steps.append((ByteRange("."), next))
                }
                guard !state.hasPoint || state.fractionCount < scale else { return steps }
                for digit in 0..<10 {
                    var next = state
                    next.isStart = false
                    next.hasDigit = true
                    next.fractionCount += state.hasPoint ? 1 : 0
                    next.remainder = (state.remainder * 10 + digit) % divisor
                    steps.append((ByteRange(0x30 + UInt8(digit)), next))
                }
                return steps
            }
        )
    }

    private struct Remainder: Hashable {
        var isStart = true
        var hasDigit = false
        var hasPoint = false
        var fractionCount = 0
        var remainder = 0
    }
}
