import Kernels
import Testing
import Vulkan

/// What becomes of a product before it is stored.
@TestDevice
@Suite(.needsDevice, .validated)
struct MatmulEpilogueTests {
    private nonisolated static let tokenCounts = [1, 2, 3, 7, 16, 33]

    @Test(arguments: tokenCounts)
    func aBiasIsAddedToEveryToken(_ tokenCount: Int) throws {
        let problem = Problem(rows: 70, columns: 96, tokenCount: tokenCount)
        var generator = SeededGenerator("bias \(tokenCount)")
        let bias = generator.floats(70)
        let slice = try Workbench.shared().input(bias, "bias")
        try problem.check(MatmulEpilogue(bias: slice)) { product in
            product.enumerated().map { $1 + Double(bias[$0 % 70]) }
        }
    }

    @Test(arguments: tokenCounts, GatedActivationTests.activations)
    func gateRowsOpenUpRows(
        _ tokenCount: Int,
        _ activation: MatmulEpilogue.Activation
    ) throws {
        let problem = Problem(rows: 192, columns: 64, tokenCount: tokenCount)
        try problem.check(MatmulEpilogue(activation: activation), tolerance: .elementwise) {
            stride(from: 0, to: $0.count, by: 192).flatMap { [product = $0] first in
                (0..<96).map {
                    activationReference(
                        activation,
                        product[first + $0],
                        product[first + 96 + $0]
                    )
                }
            }
        }
    }

    /// The last workgroup of a tile normalises it; the counters are zero again, so that the same
    /// product can run twice in a row.
    @Test(arguments: tokenCounts)
    func finishedRowsAreNormalised(_ tokenCount: Int) throws {
        let (rows, columns) = (160, 64)
        let bench = try Workbench.shared()
        let problem = Problem(rows: rows, columns: columns, tokenCount: tokenCount)
        var generator = SeededGenerator("norm \(tokenCount)")
        let weight = generator.floats(rows)
        let residual = generator.floats(rows * tokenCount)
        let y = try GuardedMatrix(bench, rows: tokenCount, columns: rows, label: "y")
        let normed = try GuardedMatrix(bench, rows: tokenCount, columns: rows, label: "normed")
        let epilogue = MatmulEpilogue(
            residual: y.matrix,
            norm: MatmulEpilogue.Norm(
                weight: try bench.input(weight, "norm"),
                epsilon: 1e-5,
                output: normed.matrix
            )
        )
        for _ in 0..<2 {
            y.write(residual)
            try problem.run(epilogue, into: y.matrix)
            let context = "\(tokenCount) tokens"
            let sums = zip(problem.product, residual).map { $0 + Double($1) }
            expectClose(y.values(rows: tokenCount, context), sums, .sum, context)
            let expected = rmsNormReference(
                sums.map { Float($0) },
                weight: weight,
                rowIndices: (0..<UInt32(tokenCount)).map { $0 },
                epsilon: 1e-5
            )
            expectClose(normed.values(rows: tokenCount, context), expected, .elementwise, context)
        }
    }

    /// The two kernels of the CPU family, for drivers old and new, compute the same bits.
    @Test(arguments: isSlowDriver ? WeightFormat.thorough : WeightFormat.allCases, [1, 17, 25])
    func broadcastLoadsChangeNoBit(_ format: WeightFormat, _ tokenCount: Int) throws {
        let bench = try Workbench.shared()
        let columns = max(160, format.columnGranularity)
        let problem = Problem(format, rows: 100, columns: columns, tokenCount: tokenCount)
        let bits = try [true, false].map { broadcasts in
            let library = KernelLibrary(
                bench.device,
                family: .cpu,
                broadcastsLoads: broadcasts
            )
            let y = try GuardedMatrix(bench, rows: tokenCount, columns: 100, label: "y")
            try problem.run(.none, into: y.matrix, library)
            let context = "\(format), \(tokenCount) tokens, broadcasts: \(broadcasts)"
            let values = y.values(rows: tokenCount, context)
            expectClose(values, problem.product, .sum, context)
            return values.map(\.bitPattern)
        }
        expectSameBits(bits[0], bits[1], "\(format), \(tokenCount) tokens")
    }
}

/// A product of random numbers and its exact outcome.
@TestDevice
private struct Problem {
    let weights: TestWeights
    let x: [Float]
    let tokenCount: Int
    let product: [Double]

    init(
        _ format: WeightFormat = .q4_1,
        rows: Int,
        columns: Int,
        tokenCount: Int
    ) {
        var generator = SeededGenerator("\(format) \(rows) \(columns) \(tokenCount)")
        weights = TestWeights(format, rows: rows, columns: columns, &generator)
        x = generator.floats(tokenCount * columns)
        self.tokenCount = tokenCount
        product = matmulReference(weights.decoded, rows: rows, columns: columns, x)
    }

    func run(
        _ epilogue: MatmulEpilogue,
        into y: ActivationMatrix,
        _ library: KernelLibrary? = nil
    ) throws {
        let bench = try Workbench.shared()
        let matrix = try weights.upload(bench, for: .cpu)
        let input = try bench.activations(x, columns: weights.columns, "x")
        try bench.run(library ?? bench.library(.cpu)) {
            try $0.matmul(matrix, input, into: y, epilogue, tokenCount: tokenCount)
        }
    }

    func check(
        _ epilogue: MatmulEpilogue,
        tolerance: Tolerance = .sum,
        _ expected: ([Double]) -> [Double]
    ) throws {
        let results = expected(product)
        let y = try GuardedMatrix(
            Workbench.shared(),
            rows: tokenCount,
            columns: results.count / tokenCount,
            label: "y"
        )
        try run(epilogue, into: y.matrix)
        let context = "\(epilogue.activation), \(tokenCount) tokens"
        expectClose(y.values(rows: tokenCount, context), results, tolerance, context)
    }
}
