import Kernels
import Models
import Testing
import Vulkan

/// Matrices over one input: loaded into one where their formats allow it, multiplied in any case.
@TestDevice
@Suite(.needsDevice, .validated)
struct StackedMatrixTests {
    /// Rows of neighbours of one format share bands, whatever their numbers.
    @Test(arguments: KernelFamily.tested, [false, true])
    func neighboursOfOneFormatBecomeOneMatrix(_ family: KernelFamily, _ stages: Bool) throws {
        for format in [WeightFormat.q4_K, .q6_K, .q5_0, .iq4_xs, .f16] {
            let stack = Stack(
                [("q", format, 33), ("k", format, 7), ("v", format, 70), ("o", .q8_0, 35)],
                columns: 512
            )
            let matrix = try stack.load(for: family, stages: stages)
            #expect(matrix.parts.map(\.matrix.rows) == [110, 35])
            #expect(matrix.parts.map(\.firstRow) == [0, 110])
            try stack.expectProduct(matrix, family, tokenCount: 3)
        }
    }

    /// As quantisers do it: values in a finer format than queries and keys.
    @Test(arguments: KernelFamily.tested, [1, 17])
    func eachFormatIsMultipliedByItself(_ family: KernelFamily, _ tokenCount: Int) throws {
        let stack = Stack([("q", .q4_K, 40), ("k", .q5_0, 33), ("v", .q6_K, 33)], columns: 256)
        let matrix = try stack.load(for: family)
        #expect(matrix.parts.count == 3)
        try stack.expectProduct(matrix, family, tokenCount: tokenCount)
    }

    @Test(
        arguments: [WeightFormat.q4_K, .q6_K],
        [MatmulEpilogue.Activation.siluMul, .geluMul]
    )
    func gatesOpenUpRowsOfTheirFormatAndOfAnother(
        _ up: WeightFormat,
        _ activation: MatmulEpilogue.Activation
    ) throws {
        let bench = try Workbench.shared()
        let stack = Stack([("gate", .q4_K, 96), ("up", up, 96)], columns: 256)
        for family in KernelFamily.tested {
            let gateUp = try stack.load(for: family)
            #expect(gateUp.parts.count == (up == .q4_K ? 1 : 2))
            for tokenCount in [1, 5] {
                let context = "\(family) \(up) \(activation) \(tokenCount)"
                let x = stack.inputs(tokenCount)
                let products = try GuardedMatrix(bench, rows: tokenCount, columns: 192, label: "p")
                let y = try GuardedMatrix(bench, rows: tokenCount, columns: 96, label: "y")
                let input = try bench.activations(x, columns: 256, "x")
                try bench.run(family) {
                    try $0.gatedMatmul(
                        gateUp,
                        input,
                        activation,
                        products: products.matrix,
                        into: y.matrix,
                        tokenCount: tokenCount
                    )
                }
                let expected = matmulReference(
                    stack.decoded,
                    rows: 192,
                    columns: 256,
                    x,
                    activation: activation
                )
                let sizes = matmulSizes(
                    stack.decoded,
                    rows: 192,
                    columns: 256,
                    x,
                    activation: activation
                )
                let tolerance: Tolerance = family == .cpu ? .elementwise : .bytes
                let values = y.values(rows: tokenCount, context)
                expectClose(values, expected, sizes: sizes, tolerance, context)
            }
        }
    }
}

/// Random matrices over one input, in a checkpoint.
@TestDevice
private struct Stack {
    private let names: [(name: String, rows: Int)]
    private let columns: Int
    private var checkpoint = TestCheckpoint()
    /// All rows.
    private(set) var decoded: [Float] = []

    init(_ matrices: [(name: String, format: WeightFormat, rows: Int)], columns: Int) {
        var generator = SeededGenerator("\(matrices)")
        names = matrices.map { ($0.name, $0.rows) }
        self.columns = columns
        for (name, format, rows) in matrices {
            let weights = TestWeights(format, rows: rows, columns: columns, &generator)
            checkpoint.add(name, weights)
            decoded += weights.decoded
        }
    }

    func inputs(_ tokenCount: Int) -> [Float] {
        var generator = SeededGenerator("\(tokenCount) inputs")
        return generator.floats(tokenCount * columns)
    }

    /// By the model's own loader.
    func load(for family: KernelFamily, stages: Bool = false) throws -> StackedMatrix {
        let loader = try WeightLoader(
            checkpoint.file(),
            Workbench.shared().device,
            layout: family.weightLayout,
            stagesAlways: stages
        ) { _ in }
        let matrix = try loader.stacked(names, columns: columns)
        try loader.finish()
        return matrix
    }

    func expectProduct(
        _ matrix: StackedMatrix,
        _ family: KernelFamily,
        tokenCount: Int
    ) throws {
        let bench = try Workbench.shared()
        let context = "\(family), \(names), \(tokenCount) tokens"
        let rows = names.reduce(0) { $0 + $1.rows }
        let x = inputs(tokenCount)
        let y = try GuardedMatrix(bench, rows: tokenCount, columns: rows, label: "y")
        let input = try bench.activations(x, columns: columns, "x")
        try bench.run(family) {
            try $0.matmul(matrix, input, into: y.matrix, tokenCount: tokenCount)
        }
        let expected = matmulReference(decoded, rows: rows, columns: columns, x)
        let sizes = matmulSizes(decoded, rows: rows, columns: columns, x)
        // The GPU family may round activations, to bytes at the most.
        let tolerance: Tolerance = family == .cpu ? .sum : .bytes
        let values = y.values(rows: tokenCount, context)
        expectClose(values, expected, sizes: sizes, tolerance, context)
    }
}
