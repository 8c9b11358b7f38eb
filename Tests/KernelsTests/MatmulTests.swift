import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct MatmulTests {
    /// Slow drivers get every second.
    private nonisolated static let shapes =
        isSlowDriver
        ? MatmulCase.awkward.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        : MatmulCase.awkward

    @Test(arguments: shapes, isSlowDriver ? Variant.few : Variant.thorough)
    func matmulAgreesWithTheReference(_ shape: MatmulCase, _ variant: Variant) throws {
        try check(shape.fitting(variant.format), variant)
    }

    @Test(arguments: isSlowDriver ? [MatmulCase.core[2]] : MatmulCase.core, Variant.others)
    func everyOtherFormatIsMultiplied(_ shape: MatmulCase, _ variant: Variant) throws {
        try check(shape.fitting(variant.format), variant)
    }

    private nonisolated static let levels = Variant.all.filter {
        $0.family == .cpu && $0.format.hasLevels
    }

    /// The CPU family has tiles of sixteen tokens for formats of levels, and for halves on sixteen
    /// lanes, but where tiles of eight pad less.
    private nonisolated static let tiled =
        levels + Variant.all.filter { $0.family == .cpu && [.f16, .bf16].contains($0.format) }

    @Test(arguments: isSlowDriver ? [25] : [9, 16, 17, 25, 64], tiled)
    func tilesOfSixteenTokensAreMultiplied(
        _ tokenCount: Int,
        _ variant: Variant
    ) throws {
        let shape = MatmulCase(rows: 71, columns: 288, tokenCount: tokenCount)
        try check(shape.fitting(variant.format), variant)
    }

    private func check(_ shape: MatmulCase, _ variant: Variant) throws {
        let bench = try Workbench.shared()
        let context = "\(variant) \(shape)"
        var generator = SeededGenerator(context)
        let weights = TestWeights(
            variant.format,
            rows: shape.rows,
            columns: shape.columns,
            &generator
        )
        let x = generator.floats(shape.tokenCount * shape.columns)
        let y = try GuardedMatrix(bench, rows: shape.tokenCount, columns: shape.rows, label: "y")
        let matrix = try weights.upload(bench, for: variant.family)
        let input = try bench.activations(x, columns: shape.columns, "x")
        try bench.run(variant.family) {
            try $0.matmul(matrix, input, into: y.matrix, tokenCount: shape.tokenCount)
        }
        let expected = matmulReference(
            weights.decoded,
            rows: shape.rows,
            columns: shape.columns,
            x
        )
        let kernel = try kernel(variant, matrix, shape.tokenCount)
        let sizes =
            kernel?.roundsInputs == true
            ? matmulSizes(weights.decoded, rows: shape.rows, columns: shape.columns, x) : nil
        let actual = y.values(rows: shape.tokenCount, context)
        expectClose(
            actual,
            expected,
            sizes: sizes,
            kernel.map { Tolerance(of: $0) } ?? .sum,
            context
        )
    }

    @Test(arguments: [1, 3, 9, 33], Variant.few)
    func theResidualIsAddedInPlace(_ tokenCount: Int, _ variant: Variant) throws {
        let bench = try Workbench.shared()
        let context = "\(variant), \(tokenCount) tokens onto a residual"
        let (rows, columns) = (70, 256)
        var generator = SeededGenerator(context)
        let weights = TestWeights(variant.format, rows: rows, columns: columns, &generator)
        let x = generator.floats(tokenCount * columns)
        let residual = generator.floats(tokenCount * rows)
        let y = try GuardedMatrix(bench, rows: tokenCount, columns: rows, label: "y")
        y.write(residual)
        let matrix = try weights.upload(bench, for: variant.family)
        let input = try bench.activations(x, columns: columns, "x")
        try bench.run(variant.family) {
            try $0.matmul(
                matrix,
                input,
                into: y.matrix,
                MatmulEpilogue(residual: y.matrix),
                tokenCount: tokenCount
            )
        }
        let expected = matmulReference(
            weights.decoded,
            rows: rows,
            columns: columns,
            x,
            residual: residual
        )
        let tolerance = try kernel(variant, matrix, tokenCount).map { Tolerance(of: $0) } ?? .sum
        expectClose(y.values(rows: tokenCount, context), expected, tolerance, context)
    }

    @Test(arguments: [2, 17], Variant.few)
    func resultsLandAmongTheColumnsOfAWiderMatrix(_ tokenCount: Int, _ variant: Variant) throws {
        let bench = try Workbench.shared()
        let context = "\(variant), \(tokenCount) tokens into columns 40 ..< 73 of 100"
        let (rows, columns, first, width) = (33, 256, 40, 100)
        var generator = SeededGenerator(context)
        let weights = TestWeights(variant.format, rows: rows, columns: columns, &generator)
        let x = generator.floats(tokenCount * columns)
        let residual = generator.floats(tokenCount * width)
        let y = try GuardedMatrix(bench, rows: tokenCount, columns: width, label: "y")
        y.write(residual)
        let matrix = try weights.upload(bench, for: variant.family)
        let input = try bench.activations(x, columns: columns, "x")
        try bench.run(variant.family) {
            try $0.matmul(
                matrix,
                input,
                into: y.matrix,
                column: first,
                MatmulEpilogue(residual: y.matrix),
                tokenCount: tokenCount
            )
        }
        let product = matmulReference(weights.decoded, rows: rows, columns: columns, x)
        let expected = residual.indices.map { index in
            let (token, column) = (index / width, index % width - first)
            let isResult = (0..<rows).contains(column)
            return Double(residual[index]) + (isResult ? product[token * rows + column] : 0)
        }
        let tolerance = try kernel(variant, matrix, tokenCount).map { Tolerance(of: $0) } ?? .sum
        expectClose(y.values(rows: tokenCount, context), expected, tolerance, context)
    }

    /// What the GPU family's library chooses; nil of the CPU family, which has one kernel.
    private func kernel(
        _ variant: Variant,
        _ weights: WeightMatrix,
        _ tokenCount: Int
    ) throws -> MatmulPlan.Kernel? {
        guard variant.family == .gpu else { return nil }
        let problem = MatmulProblem(
            weights.format,
            rows: weights.rows,
            columns: weights.columns,
            tokenCount: tokenCount
        )
        return try Workbench.shared().library(.gpu).plan(problem).kernel
    }

    /// Tokens computed alone, in pairs, in dozens: bit for bit the same.
    @Test(
        arguments: isSlowDriver
            ? Variant.all.filter { $0.format == .q4_1 } : Variant.thorough + tiled
    )
    func aBatchInvariantLibrarysBitsDoNotDependOnTheBatch(_ variant: Variant) throws {
        let library = KernelLibrary(
            try Workbench.shared().device,
            family: variant.family,
            isBatchInvariant: true
        )
        let sizes = [1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33]
        try expectBatchInvariance(library, variant.format, sizes: sizes)
    }
}

/// Expects a product of 65 tokens to have the same bits, however many of them are computed at once.
@TestDevice
func expectBatchInvariance(
    _ library: KernelLibrary,
    _ format: WeightFormat,
    sizes: [Int]
) throws {
    let bench = try Workbench.shared()
    let (rows, columns, tokenCount) = (129, 512, 65)
    var generator = SeededGenerator("batch invariance of \(format)")
    let weights = TestWeights(format, rows: rows, columns: columns, &generator)
    let matrix = try weights.upload(bench, for: library.family)
    let x = generator.floats(tokenCount * columns)

    func product(_ tokens: Range<Int>) throws -> [UInt32] {
        let y = try GuardedMatrix(bench, rows: tokens.count, columns: rows, label: "y")
        let part = Array(x[tokens.lowerBound * columns..<tokens.upperBound * columns])
        let input = try bench.activations(part, columns: columns, "x")
        try bench.run(library) {
            try $0.matmul(matrix, input, into: y.matrix, tokenCount: tokens.count)
        }
        let context = "\(library.family) \(format) \(tokens)"
        return y.values(rows: tokens.count, context).map(\.bitPattern)
    }

    let together = try product(0..<tokenCount)
    for size in sizes {
        var apart: [UInt32] = []
        for first in stride(from: 0, to: tokenCount, by: size) {
            apart += try product(first..<min(first + size, tokenCount))
        }
        expectSameBits(apart, together, "\(library.family) \(format): \(size) tokens at a time")
    }
}
