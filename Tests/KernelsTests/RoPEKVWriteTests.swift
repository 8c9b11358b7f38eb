import Foundation
import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct RoPEKVWriteTests {
    /// A layer's shape and how many tokens: pairs that are neighbours and halves apart, heads that
    /// are rotated whole and in part.
    struct Case: Sendable, CustomStringConvertible {
        let shape: AttentionShape
        let tokenCount: Int
        /// Whether each head's query and key are normalised first.
        var hasNorms = false

        init(
            _ heads: Int,
            _ kvHeads: Int,
            _ size: Int,
            rotated: Int,
            neoX: Bool,
            block: Int = 16,
            format: KVFormat = .f16,
            norms: Bool = false,
            tokens: Int
        ) {
            shape = AttentionShape(
                headCount: heads,
                kvHeadCount: kvHeads,
                headSize: size,
                rotatedSize: rotated,
                isNeoX: neoX,
                blockSize: block,
                kvFormat: format
            )
            tokenCount = tokens
            hasNorms = norms
        }

        var description: String {
            "\(shape), \(tokenCount) tokens\(hasNorms ? ", normalised" : "")"
        }

        static let all = [false, true].flatMap { halves($0) + bytes($0) + normalised($0) }

        private static func halves(_ neoX: Bool) -> [Case] {
            [1, 2, 3, 15, 16, 17, 31, 33].map {
                Case(9, 3, 64, rotated: 64, neoX: neoX, tokens: $0)
            } + [
                Case(1, 1, 64, rotated: 32, neoX: neoX, tokens: 5),
                Case(8, 8, 80, rotated: 20, neoX: neoX, tokens: 5),
                Case(32, 8, 128, rotated: 128, neoX: neoX, tokens: 5),
                Case(6, 2, 96, rotated: 96, neoX: neoX, block: 4, tokens: 9),
                Case(2, 1, 256, rotated: 64, neoX: neoX, block: 32, tokens: 40),
            ]
        }

        private static func bytes(_ neoX: Bool) -> [Case] {
            [1, 2, 15, 16, 17, 33].map {
                Case(9, 3, 64, rotated: 64, neoX: neoX, format: .q8_0, tokens: $0)
            } + [
                Case(1, 1, 64, rotated: 32, neoX: neoX, format: .q8_0, tokens: 5),
                Case(8, 8, 96, rotated: 20, neoX: neoX, block: 4, format: .q8_0, tokens: 9),
                Case(32, 8, 128, rotated: 128, neoX: neoX, format: .q8_0, tokens: 5),
                Case(2, 1, 256, rotated: 64, neoX: neoX, block: 32, format: .q8_0, tokens: 40),
            ]
        }

        private static func normalised(_ neoX: Bool) -> [Case] {
            KVFormat.allCases.flatMap { format in
                [(9, 3, 64), (4, 2, 96), (6, 1, 128), (3, 3, 256)].map { heads, kvHeads, size in
                    Case(
                        heads,
                        kvHeads,
                        size,
                        rotated: size == 96 ? 20 : size,
                        neoX: neoX,
                        format: format,
                        norms: true,
                        tokens: 7
                    )
                }
            }
        }
    }

    @Test(arguments: Case.all)
    func headsAreRotatedAndKeysAndValuesWritten(_ problem: Case) throws {
        var generator = SeededGenerator("\(problem)")
        let qkv = generator.floats(problem.tokenCount * problem.shape.qkvColumns, scale: 4)
        try check(problem, qkv, &generator)
    }

    @Test(arguments: KVFormat.allCases)
    func whatIsTooLargeForAHalfBecomesTheLargest(_ format: KVFormat) throws {
        let problem = Case(1, 1, 64, rotated: 0, neoX: false, format: format, tokens: 2)
        var generator = SeededGenerator("\(problem)")
        let extremes: [Float] = [1e7, -1e7, 65504, -65504, 65519, 1]
        let qkv = (0..<2 * problem.shape.qkvColumns).map { extremes[$0 % extremes.count] }
        try check(problem, qkv, &generator)
    }

    private func check(
        _ problem: Case,
        _ qkv: [Float],
        _ generator: inout SeededGenerator
    ) throws {
        let bench = try Workbench.shared()
        let (shape, tokenCount, context) = (problem.shape, problem.tokenCount, "\(problem)")
        let blockCount = tokenCount / shape.blockSize + 3
        let slots = (0..<UInt32(blockCount * shape.blockSize)).shuffled(using: &generator)
        let slotMapping = Array(slots.prefix(tokenCount))
        let positions = (0..<tokenCount).map { _ in UInt32.random(in: 0..<50, using: &generator) }
        let rotations = (0..<50 * shape.rotatedSize / 2).flatMap { _ in
            let angle = generator.float() * .pi
            return [cos(angle), sin(angle)]
        }
        let y = try GuardedMatrix(bench, rows: tokenCount, columns: shape.qkvColumns, label: "qkv")
        y.write(qkv)
        let cacheWords = blockCount * shape.blockByteCount / 4
        let cache = try GuardedBuffer(bench, wordCount: cacheWords, label: "cache")
        let before = [UInt32](repeating: 0x3555_B555, count: cacheWords)
        cache.slice.write(before)
        let positionSlice = try bench.input(positions, "positions")
        let slotSlice = try bench.input(slotMapping, "slots")
        let rotationSlice = try bench.input(rotations, "rotations")
        let weights = (0..<2).map { _ in generator.floats(shape.headSize, scale: 2) }
        let epsilon: Float = 1e-5
        let norms =
            problem.hasNorms
            ? HeadNorms(
                query: try bench.input(weights[0], "query norm"),
                key: try bench.input(weights[1], "key norm"),
                epsilon: epsilon
            ) : nil
        try bench.run(.cpu) {
            try $0.ropeKVWrite(
                y.matrix,
                norms: norms,
                positions: positionSlice,
                slotMapping: slotSlice,
                rotations: rotationSlice,
                cache: cache.slice,
                shape: shape,
                tokenCount: tokenCount
            )
        }
        var expected = qkv.map(Double.init)
        var expectedCache = [Double](
            repeating: .nan,
            count: blockCount * shape.kvHeadCount * 2 * shape.blockSize * shape.headSize
        )
        ropeKVWriteReference(
            shape,
            qkv: &expected,
            cache: &expectedCache,
            norms: problem.hasNorms ? (weights[0], weights[1], epsilon) : nil,
            positions: positions,
            slotMapping: slotMapping,
            rotations: rotations
        )
        expectClose(
            y.values(rows: tokenCount, context),
            expected,
            .elementwise,
            "\(context), queries"
        )
        expectWritten(
            TestKVCache(
                shape,
                bytes: cache.words(cacheWords, context).flatMap { word in
                    (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
                }
            ),
            expectedCache,
            before: [0x55, 0xB5, 0x55, 0x35],
            context
        )
    }

    /// Expects the rows that have numbers to hold them as exactly as the format can, and every
    /// other byte to be what it was.
    private func expectWritten(
        _ cache: TestKVCache,
        _ expected: [Double],
        before: [UInt8],
        _ context: String
    ) {
        let (shape, size) = (cache.shape, cache.shape.headSize)
        var untouched = Set(cache.bytes.indices)
        for row in 0..<expected.count / size where !expected[row * size].isNaN {
            let (tile, slot) = (row / shape.blockSize, row % shape.blockSize)
            untouched.subtract(cache.byteIndices(tile: tile, slot: slot))
            for group in 0..<size / 16 {
                let range = row * size + 16 * group..<row * size + 16 * (group + 1)
                let step: Double
                switch shape.kvFormat {
                case .f16: step = (expected[range].map(abs).max() ?? 0) / 1024
                case .q8_0:
                    let both = row * size + group / 2 * 32
                    let largest = expected[both..<both + 32].map(abs).max() ?? 0
                    step = Double(cache.scale(tile: tile, slot: slot, group / 2))
                    #expect(abs(step - largest / 127) <= largest / 127 / 2000, "\(context): scale")
                }
                let worst = range.map { abs(Double(cache.values[$0]) - expected[$0]) }.max() ?? .nan
                #expect(worst <= 0.502 * step, "\(context): row \(row), elements \(range)")
            }
        }
        let changed = untouched.first { cache.bytes[$0] != before[$0 % 4] }
        #expect(changed == nil, "\(context): a byte nobody should write")
    }
}
