import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct EmbedTests {
    @Test(arguments: RowsCase.awkward, WeightFormat.allCases)
    func rowsOfTheMatrixAreUnpackedAndScaled(_ shape: RowsCase, _ format: WeightFormat) throws {
        var generator = SeededGenerator("\(format) \(shape)")
        let weights = TestWeights(format, rows: 37, columns: shape.columns, &generator)
        let tokens = (0..<shape.rows).map { _ in UInt32.random(in: 0..<37, using: &generator) }
        try check(weights, tokens: tokens, sampled: [], scale: 1.5, "\(format) \(shape)")
    }

    /// Ids the host has not seen are read from the step before; ids nobody may have are clamped.
    @Test(arguments: WeightFormat.allCases)
    func flaggedTokensComeFromTheSamplesAndNoIdReadsOutside(_ format: WeightFormat) throws {
        var generator = SeededGenerator("\(format) flagged")
        let weights = TestWeights(format, rows: 11, columns: 64, &generator)
        let flag: UInt32 = 1 << 31
        try check(
            weights,
            tokens: [3, flag, 10, flag | 2, 11, flag | 1, 0x7FFF_FFFF],
            sampled: [7, 0xFFFF_FFFF, 1],
            scale: 1,
            "\(format), flagged"
        )
    }

    private func check(
        _ weights: TestWeights,
        tokens: [UInt32],
        sampled: [UInt32],
        scale: Float,
        _ context: String
    ) throws {
        let bench = try Workbench.shared()
        let y = try GuardedMatrix(
            bench,
            rows: tokens.count,
            columns: weights.columns,
            label: "y"
        )
        let tokenSlice = try bench.input(tokens, "tokens")
        let sampledSlice = try bench.input(sampled, "sampled")
        let expected = embedReference(
            weights.decoded,
            columns: weights.columns,
            tokens: tokens,
            sampled: sampled,
            scale: scale
        )
        for family in KernelFamily.allCases {
            let matrix = try weights.upload(bench, for: family)
            try bench.run(family) {
                try $0.embed(
                    matrix,
                    tokens: tokenSlice,
                    sampled: sampledSlice,
                    into: y.matrix,
                    tokenCount: tokens.count,
                    scale: scale
                )
            }
            let context = "\(context), \(family)"
            expectClose(y.values(rows: tokens.count, context), expected, .elementwise, context)
        }
    }
}
