import Testing

/// How far results may be from the reference's, and why so far.
struct Tolerance {
    /// Of the sum of squared differences over the sum of squared values.
    let meanSquare: Double
    /// Of a single difference, in units of the values' root mean square.
    let largest: Double

    /// Sums of floats in another order than the reference's doubles: an addition rounds by at most
    /// 2^-24, a few thousand of them walk some 2^-18 away. Both inputs are exact.
    static let sum = Tolerance(meanSquare: 1e-11, largest: 3e-5)

    /// A handful of operations on floats and one transcendental function, for which Vulkan promises
    /// a few units in the last place: exp, 3 + 2|x| of them.
    static let elementwise = Tolerance(meanSquare: 1e-11, largest: 1e-4)

    /// A softmax: the exponentials' errors, of the size of their argument, and a sum.
    static let softmax = Tolerance(meanSquare: 1e-10, largest: 1e-4)
}

/// Expects numbers close to the reference's, and every one of them a number.
func expectClose(
    _ actual: [Float],
    _ expected: [Double],
    _ tolerance: Tolerance,
    _ context: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    guard actual.count == expected.count, !expected.isEmpty else {
        Issue.record(
            "\(context): \(actual.count) numbers instead of \(expected.count)",
            sourceLocation: sourceLocation
        )
        return
    }
    var differences = 0.0
    var squares = 0.0
    var worst = (index: 0, difference: 0.0)
    for (index, pair) in zip(actual, expected).enumerated() {
        let difference = abs(Double(pair.0) - pair.1)
        differences += difference * difference
        squares += pair.1 * pair.1
        if !(difference <= worst.difference) { worst = (index, difference) }
        if difference.isNaN { break }
    }
    let meanSquare = differences / squares
    let largest = worst.difference / (squares / Double(expected.count)).squareRoot()
    let isClose =
        differences == 0 || meanSquare <= tolerance.meanSquare && largest <= tolerance.largest
    #expect(
        isClose,
        """
        \(context): normalised mean square error \(meanSquare), largest \(largest) at \
        \(worst.index): \(actual[worst.index]) instead of \(expected[worst.index])
        """,
        sourceLocation: sourceLocation
    )
}

/// Expects the same bits, and says where the first others are. (Comparing the arrays themselves
/// would print an edit script of thousands of numbers.)
func expectSameBits(
    _ actual: [UInt32],
    _ expected: [UInt32],
    _ context: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.count == expected.count, "\(context)", sourceLocation: sourceLocation)
    let difference = zip(actual, expected).enumerated().first { $0.element.0 != $0.element.1 }
    #expect(difference == nil, "\(context): first difference", sourceLocation: sourceLocation)
}
