import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct EmbedTests {
    @Test(arguments: RowsCase.awkward, WeightFormat.allCases)
    func rowsOfTheMatrixAreUnpackedAndScaled(_ shape: RowsCase, _ format: WeightFormat) throws {
        var generator = SeededGenerator("\(format) \(shape)")
        let unit = format.columnGranularity
        let columns = (shape.columns + unit - 1) / unit * unit
        let weights = TestWeights(format, rows: 37, columns: columns, &generator)
        let tokens = (0..<shape.rows).map { _ in UInt32.random(in: 0..<37, using: &generator) }
        try check(weights, tokens: tokens, sampled: [], scale: 1.5, "\(format) \(shape)")
    }

    /// Ids the host has not seen are read from the step before; ids nobody may have are clamped.
    @Test(arguments: WeightFormat.allCases)
    func flaggedTokensComeFromTheSamplesAndNoIdReadsOutside(_ format: WeightFormat) throws {
        var generator = SeededGenerator("\(format) flagged")
        let weights = TestWeights(format, rows: 11, columns: 256, &generator)
        let flag: UInt32 = 1 << 31
        try check(
            weights,
            tokens: [3, flag, 10, flag | 2, 11, flag | 1, 0x7FFF_FFFF],
            sampled: [7, 0xFFFF_FFFF, 1],
            scale: 1,
            "\(format), flagged"
        )
    }

    /// Repacked, unpacked by the device and not scaled, weights have the bits that the reference
    /// finds in the checkpoint's own bytes.
    @Test(arguments: WeightFormat.allCases, BlockContents.allCases)
    func everyWeightIsUnpackedToTheBit(_ format: WeightFormat, _ contents: BlockContents) throws {
        let context = "\(format), \(contents)"
        var generator = SeededGenerator(context)
        let weights = TestWeights(format, rows: 67, columns: 768, &generator, contents)
        let tokens = (0..<67 as Range<UInt32>).map { $0 }
        for family in KernelFamily.tested {
            let context = "\(context), \(family)"
            let values = try run(family, weights, tokens: tokens, sampled: [], scale: 1, context)
            expectSameBits(values.map(\.bitPattern), weights.decoded.map(\.bitPattern), context)
        }
    }

    private func check(
        _ weights: TestWeights,
        tokens: [UInt32],
        sampled: [UInt32],
        scale: Float,
        _ context: String
    ) throws {
        let expected = embedReference(
            weights.decoded,
            columns: weights.columns,
            tokens: tokens,
            sampled: sampled,
            scale: scale
        )
        for family in KernelFamily.tested {
            let context = "\(context), \(family)"
            let values = try run(
                family,
                weights,
                tokens: tokens,
                sampled: sampled,
                scale: scale,
                context
            )
            expectClose(values, expected, .elementwise, context)
        }
    }

    private func run(
        _ family: KernelFamily,
        _ weights: TestWeights,
        tokens: [UInt32],
        sampled: [UInt32],
        scale: Float,
        _ context: String
    ) throws -> [Float] {
        let bench = try Workbench.shared()
        let y = try GuardedMatrix(
            bench,
            rows: tokens.count,
            columns: weights.columns,
            label: "y"
        )
        let matrix = try weights.upload(bench, for: family)
        let tokenSlice = try bench.input(tokens, "tokens")
        let sampledSlice = try bench.input(sampled, "sampled")
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
        return y.values(rows: tokens.count, context)
    }
}
