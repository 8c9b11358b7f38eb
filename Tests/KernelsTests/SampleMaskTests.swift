import Kernels
import ShaderParams
import Testing
import Vulkan

/// Rows whose tokens a mask limits.
@TestDevice
@Suite(.needsDevice, .validated)
struct SampleMaskTests {
    /// How many tokens masks leave.
    enum Density: CaseIterable {
        case none, one, few, half, all
    }

    /// A mask draws as if what it leaves out had no logit; rows without one draw as ever.
    @Test(arguments: [1, 31, 33, 129, 1000, 49_152], KernelFamily.tested)
    func aMaskIsMinusInfinity(_ size: Int, _ family: KernelFamily) throws {
        let context = "\(family), vocabulary of \(size)"
        var generator = SeededGenerator(context)
        let logits = generator.floats(size, scale: 8)
        let ways = [
            SamplingCase(vocabularySize: size, temperature: 0),
            SamplingCase(vocabularySize: size, temperature: 0.7),
            SamplingCase(vocabularySize: size, topK: 5, topP: 0.9, minP: 0.01),
        ]
        var masks: [[UInt32]] = []
        var rows: [SamplingRow] = []
        var expected: [UInt32] = []
        for way in ways {
            let free = way.row(seed: generator.next(), position: 3)
            rows.append(free)
            expected += try draw(family, logits, size: size, [free], masks: nil)
            for density in Density.allCases {
                let mask = mask(density, size: size, &generator)
                let limited = logits.enumerated().map { index, logit in
                    mask[index / 32] >> UInt32(index % 32) & 1 == 1 ? logit : -.infinity
                }
                var row = way.row(seed: generator.next(), position: 3)
                expected += try draw(family, limited, size: size, [row], masks: nil)
                masks.append(mask)
                row.maskRow = UInt32(masks.count)
                rows.append(row)
            }
        }
        let tokens = try draw(family, logits, size: size, rows, masks: masks.flatMap(\.self))
        #expect(tokens == expected, "\(context)")
        #expect(expected[1] == KernelRecorder.noToken, "\(context): nothing is left to draw")
    }

    private func mask(
        _ density: Density,
        size: Int,
        _ generator: inout SeededGenerator
    ) -> [UInt32] {
        let count = KernelRecorder.maskWordCount(size)
        var words = [UInt32](repeating: density == .all ? .max : 0, count: count)
        if density == .half { words = generator.words(count) }
        guard density == .one || density == .few else { return words }
        for _ in 0..<(density == .one ? 1 : 20) {
            let token = Int.random(in: 0..<size, using: &generator)
            words[token / 32] |= 1 << UInt32(token % 32)
        }
        return words
    }

    private func draw(
        _ family: KernelFamily,
        _ logits: [Float],
        size: Int,
        _ rows: [SamplingRow],
        masks: [UInt32]?
    ) throws -> [UInt32] {
        let bench = try Workbench.shared()
        let matrix = try bench.activations(logits, columns: size, "logits")
        let rowSlice = try bench.input(rows, "sampling rows")
        let maskSlice = try masks.map { try bench.input($0, "masks") }
        let tokens = try GuardedBuffer(bench, wordCount: rows.count, label: "tokens")
        try bench.run(family) {
            try $0.sample(
                matrix,
                rows: rowSlice,
                masks: maskSlice,
                sampleCount: rows.count,
                into: tokens.slice
            )
        }
        return tokens.words(rows.count, "\(family), masks")
    }
}
