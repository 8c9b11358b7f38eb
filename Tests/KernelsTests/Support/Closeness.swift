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

    /// The same of weights and activations that were rounded to halves, relative to the sizes of
    /// the sums (see `matmulSizes`): by at most 2^-11 each, by less than 2^-11 / sqrt(3) in the
    /// root of the mean square, both together by less than 4e-4; squared, 1.6e-7.
    static let halves = Tolerance(meanSquare: 4e-7, largest: 3e-3)

    /// The same of activations that were rounded to bytes. Steps are of 1/127 of the greatest of
    /// 32 numbers; evenly distributed ones are off by 1/254 / sqrt(3) of it, that is, relative to
    /// their own size of 1 / sqrt(3), by 4e-3; squared, 1.6e-5.
    static let bytes = Tolerance(meanSquare: 4e-5, largest: 4e-2)

    /// A handful of operations on floats and one transcendental function, for which Vulkan promises
    /// a few units in the last place: exp, 3 + 2|x| of them.
    static let elementwise = Tolerance(meanSquare: 1e-11, largest: 1e-4)

    /// A softmax: the exponentials' errors, of the size of their argument, and a sum.
    static let softmax = Tolerance(meanSquare: 1e-10, largest: 1e-4)

    /// The same of queries, keys and weights that were rounded to halves: a score is off by up to
    /// 2^-10 of itself, and its weight by as much as the score: by 1e-2 where that is ten.
    static let halvesSoftmax = Tolerance(meanSquare: 4e-7, largest: 1e-2)
}

/// Expects numbers close to the reference's, and every one of them a number.
/// - Parameter sizes: what errors are relative to, where inputs were rounded and a sum may be small
///   by cancellation; nil for the numbers themselves. Of a few numbers the mean may then be larger:
///   a normal distribution's is 17 times its expectation for a single one once in 30000 times.
func expectClose(
    _ actual: [Float],
    _ expected: [Double],
    sizes: [Double]? = nil,
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
        let size = sizes?[index] ?? pair.1
        squares += size * size
        if !(difference <= worst.difference) { worst = (index, difference) }
        if difference.isNaN { break }
    }
    let meanSquare = differences / squares
    let largest = worst.difference / (squares / Double(expected.count)).squareRoot()
    let allowance = sizes == nil ? 1 : 1 + 16 / Double(expected.count)
    let isClose =
        differences == 0
        || meanSquare <= tolerance.meanSquare * allowance && largest <= tolerance.largest
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
