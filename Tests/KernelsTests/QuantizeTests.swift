import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct QuantizeTests {
    @Test(arguments: [(1, 32), (1, 96), (3, 2080), (17, 576)], [Float(1e-20), 1, 3e30])
    func quantizeAgreesWithTheReference(_ shape: (tokens: Int, columns: Int), _ size: Float) throws
    {
        let bench = try Workbench.shared()
        let context = "\(shape) of size \(size)"
        var generator = SeededGenerator(context)
        var x = generator.floats(shape.tokens * shape.columns, scale: size)
        // A block of nothing has no scale.
        for index in 0..<32 { x[index] = 0 }
        let blocks = try quantized(bench, x, columns: shape.columns, context)
        let expected = quantizeReference(x)
        for (block, (actual, expected)) in zip(blocks, expected).enumerated() {
            let difference = abs(actual.scale - expected.scale)
            #expect(difference <= 1e-6 * expected.scale, "\(context): scale \(block)")
            // A division may be off by a few units in the last place, and so a number between two
            // whole ones may go to the other.
            for (a, b) in zip(actual.quants, expected.quants) {
                #expect(abs(Int(a) - Int(b)) <= 1, "\(context): \(block)")
            }
            for (quant, value) in zip(actual.quants, x[32 * block..<32 * block + 32]) {
                let error = abs(Double(quant) * Double(actual.scale) - Double(value))
                #expect(error <= 0.50001 * Double(actual.scale), "\(context): \(block)")
            }
        }
    }

    @Test func wholeNumbersThatFillTheirBlocksRangeAreExact() throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("whole numbers")
        var x = (0..<96).map { _ in Float(Int.random(in: -127...127, using: &generator)) }
        for block in 0..<3 { x[32 * block + 5] = block == 1 ? -127 : 127 }
        let blocks = try quantized(bench, x, columns: 96, "whole numbers")
        #expect(blocks.map(\.scale) == [1, 1, 1])
        #expect(blocks.flatMap(\.quants).map { Float($0) } == x)
    }

    /// The device's blocks, once it is certain that their sums are those of their numbers.
    private func quantized(
        _ bench: Workbench,
        _ x: [Float],
        columns: Int,
        _ context: String
    ) throws -> [QuantizedBlock] {
        let tokenCount = x.count / columns
        let byteCount = QuantizedActivations.byteCount(columns, tokenCount: tokenCount)
        let output = try GuardedBuffer(bench, wordCount: byteCount / 4, label: "quantized")
        let input = try bench.activations(x, columns: columns, "x")
        try bench.run(.gpu) {
            try $0.quantize(
                input,
                into: QuantizedActivations(
                    output.slice,
                    columns: columns,
                    tokenCount: tokenCount
                )
            )
        }
        let words = output.words(byteCount / 4, context)
        let blockCount = x.count / 32
        return (0..<blockCount).map { block in
            let quants = (0..<32).map { index in
                let word = words[8 * block + index / 4]
                return Int8(truncatingIfNeeded: word >> UInt32(8 * (index % 4)))
            }
            let scaledSums = words[(8 * blockCount + 2 * block)...].prefix(2)
            let sums = scaledSums.last ?? 0
            for (half, sum) in [
                Int16(truncatingIfNeeded: sums), Int16(truncatingIfNeeded: sums >> 16),
            ]
            .enumerated() {
                let expected = quants[16 * half..<16 * half + 16].reduce(0) { $0 + Int($1) }
                #expect(Int(sum) == expected, "\(context): block \(block), half \(half)")
            }
            return QuantizedBlock(scale: Float(bitPattern: scaledSums.first ?? 0), quants: quants)
        }
    }
}
