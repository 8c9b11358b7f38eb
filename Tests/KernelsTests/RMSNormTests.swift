import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct RMSNormTests {
    private let epsilon: Float = 1e-5

    @Test(arguments: RowsCase.awkward, KernelFamily.tested)
    func everyRowIsScaledByItsOwnRootMeanSquare(
        _ shape: RowsCase,
        _ family: KernelFamily
    ) throws {
        let context = "\(family) \(shape)"
        var generator = SeededGenerator(context)
        let x = generator.floats(shape.rows * shape.columns, scale: 3)
        try check(
            family,
            x: x,
            columns: shape.columns,
            rowIndices: nil,
            &generator,
            context
        )
    }

    @Test(arguments: KernelFamily.tested)
    func rowsAreTakenFromWhereTheIndicesPoint(_ family: KernelFamily) throws {
        var generator = SeededGenerator("gather \(family)")
        let x = generator.floats(40 * 96)
        try check(
            family,
            x: x,
            columns: 96,
            rowIndices: [39, 0, 7, 7, 31],
            &generator,
            "\(family), gathered rows"
        )
    }

    @Test(arguments: KernelFamily.tested)
    func aRowOfZerosStaysZero(_ family: KernelFamily) throws {
        var generator = SeededGenerator("zeros")
        try check(
            family,
            x: [Float](repeating: 0, count: 64),
            columns: 64,
            rowIndices: nil,
            &generator,
            "\(family), zeros"
        )
    }

    @Test(arguments: RowsCase.awkward, KernelFamily.tested)
    func whatIsAddedToAStreamIsNormalisedBeforeAndAfter(
        _ shape: RowsCase,
        _ family: KernelFamily
    ) throws {
        let context = "\(family) \(shape), added"
        let bench = try Workbench.shared()
        var generator = SeededGenerator(context)
        let (rows, columns) = (shape.rows, shape.columns)
        let x = generator.floats(rows * columns, scale: 3)
        let stream = generator.floats(rows * columns)
        let weights = (generator.floats(columns), generator.floats(columns))
        let y = try bench.activations(stream, columns: columns, "stream")
        // The next norm goes where x was.
        let input = try bench.activations(x, columns: columns, "x")
        let slices = (
            try bench.input(weights.0, "weight"), try bench.input(weights.1, "next weight")
        )
        try bench.run(family) {
            try $0.rmsNorm(
                input,
                weight: slices.0,
                into: y,
                adds: true,
                rowCount: rows,
                epsilon: epsilon,
                next: MatmulEpilogue.Norm(weight: slices.1, epsilon: epsilon, output: input)
            )
        }
        let indices = (0..<UInt32(rows)).map { $0 }
        let added = rmsNormReference(
            x,
            weight: weights.0,
            rowIndices: indices,
            epsilon: epsilon
        )
        let sums = zip(added, stream).map { $0 + Double($1) }
        let count = rows * columns
        expectClose(y.slice.read(Float.self, count: count), sums, .elementwise, context)
        let normed = rmsNormReference(
            sums.map { Float($0) },
            weight: weights.1,
            rowIndices: indices,
            epsilon: epsilon
        )
        let found = input.slice.read(Float.self, count: count)
        expectClose(found, normed, .elementwise, "\(context), next")
    }

    private func check(
        _ family: KernelFamily,
        x: [Float],
        columns: Int,
        rowIndices: [UInt32]?,
        _ generator: inout SeededGenerator,
        _ context: String
    ) throws {
        let bench = try Workbench.shared()
        let rowCount = rowIndices?.count ?? x.count / columns
        let weight = generator.floats(columns)
        let y = try GuardedMatrix(bench, rows: rowCount, columns: columns, label: "y")
        let input = try bench.activations(x, columns: columns, "x")
        let weightSlice = try bench.input(weight, "weight")
        let indices = try rowIndices.map { try bench.input($0, "row indices") }
        try bench.run(family) {
            try $0.rmsNorm(
                input,
                weight: weightSlice,
                rowIndices: indices,
                into: y.matrix,
                rowCount: rowCount,
                epsilon: epsilon
            )
        }
        let expected = rmsNormReference(
            x,
            weight: weight,
            rowIndices: rowIndices ?? (0..<UInt32(rowCount)).map { $0 },
            epsilon: epsilon
        )
        expectClose(y.values(rows: rowCount, context), expected, .elementwise, context)
    }
}
