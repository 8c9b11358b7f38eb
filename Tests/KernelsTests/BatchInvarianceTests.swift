import Kernels
import Testing

/// With `isBatchInvariant` a token's results are the same bits whatever is computed beside it.
/// (Attention is tested with the kernel; the other kernels work on each row alone.)
@TestDevice
@Suite(.needsDevice, .validated)
struct BatchInvarianceTests {
    @Test(arguments: KernelFamily.allCases, [WeightFormat.q4_1, .q8_0, .bf16])
    func aTokensProductsDoNotDependOnHowManyThereAre(
        _ family: KernelFamily,
        _ format: WeightFormat
    ) throws {
        let bench = try Workbench.shared()
        let library = KernelLibrary(bench.device, family: family, isBatchInvariant: true)
        let (rows, columns, most) = (70, 576, 65)
        var generator = SeededGenerator("\(family) \(format)")
        let weights = TestWeights(format, rows: rows, columns: columns, &generator)
        let matrix = try weights.upload(bench)
        let x = generator.floats(most * columns)

        func products(_ tokens: Range<Int>) throws -> [UInt32] {
            let context = "\(family) \(format), tokens \(tokens)"
            let y = try GuardedMatrix(bench, rows: tokens.count, columns: rows, label: "y")
            let part = Array(x[tokens.lowerBound * columns..<tokens.upperBound * columns])
            let input = try bench.activations(part, columns: columns, "x")
            try bench.run(library) {
                try $0.matmul(matrix, input, into: y.matrix, tokenCount: tokens.count)
            }
            return y.values(rows: tokens.count, context).map(\.bitPattern)
        }

        let together = try products(0..<most)
        for count in [1, 2, 3, 5, 8, 9, 16, 17, 31, 33] {
            for first in [0, most - count] {
                let alone = try products(first..<first + count)
                let expected = Array(together[first * rows..<(first + count) * rows])
                expectSameBits(alone, expected, "\(family) \(format): \(count) from \(first)")
            }
        }
    }
}
