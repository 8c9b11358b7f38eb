import Kernels
import Testing

@TestDevice
@Suite(.needsDevice, .validated)
struct PagedAttentionTests {
    @Test(arguments: AttentionCase.awkward, KernelFamily.allCases)
    func attentionAgreesWithTheReference(
        _ shape: AttentionCase,
        _ family: KernelFamily
    ) throws {
        var generator = SeededGenerator("\(shape)")
        let problem = AttentionProblem(shape, &generator)
        let actual = try problem.solve(try .shared(), family)
        let expected = pagedAttentionReference(
            shape,
            qkv: problem.qkv,
            cache: problem.cache.values,
            blockTables: problem.blockTables,
            scale: problem.scale
        )
        expectClose(actual, expected, .softmax, "\(family) \(shape)")
    }

    /// Scores far apart: all weight on one key, wherever it stands, with no overflow on the way.
    @Test(arguments: KernelFamily.allCases)
    func aTowerAmongTheScoresTakesAllWeight(_ family: KernelFamily) throws {
        let shape = AttentionCase(
            headCount: 2,
            kvHeadCount: 1,
            headSize: 64,
            runs: [.init(tokenCount: 40, contextLength: 90)]
        )
        var generator = SeededGenerator("tower")
        let calm = AttentionProblem(shape, &generator)
        let problem = AttentionProblem(calm, qkv: calm.qkv.map { $0 * 1000 })
        let actual = try problem.solve(try .shared(), family)
        let expected = pagedAttentionReference(
            shape,
            qkv: problem.qkv,
            cache: problem.cache.values,
            blockTables: problem.blockTables,
            scale: problem.scale
        )
        // Scores are in the hundreds, so that their rounding is in the exponent's fourth decimal.
        let tolerance = Tolerance(meanSquare: 1e-6, largest: 1e-2)
        expectClose(actual, expected, tolerance, "\(family)")
    }

    /// A run alone, among others, cut into chunks: bit for bit the same.
    @Test(arguments: [(9, 3, 64), (6, 2, 96)], KVFormat.allCases)
    func bitsDoNotDependOnTheBatch(
        _ heads: (query: Int, kv: Int, size: Int),
        _ format: KVFormat
    ) throws {
        let bench = try Workbench.shared()
        let runs = [(1, 70), (33, 33), (7, 40), (1, 1)].map {
            AttentionCase.Run(tokenCount: $0.0, contextLength: $0.1)
        }
        let batch = AttentionCase(
            headCount: heads.query,
            kvHeadCount: heads.kv,
            headSize: heads.size,
            kvFormat: format,
            runs: runs
        )
        var generator = SeededGenerator("\(batch)")
        let problem = AttentionProblem(batch, &generator)
        for family in KernelFamily.allCases {
            let together = try problem.solve(bench, family).map(\.bitPattern)
            for chunkSize in [1, 3, 16, 64] {
                var apart: [UInt32] = []
                for index in runs.indices {
                    for chunk in problem.chunks(ofRun: index, size: chunkSize) {
                        apart += try chunk.solve(bench, family).map(\.bitPattern)
                    }
                }
                expectSameBits(apart, together, "\(family) \(batch): \(chunkSize) at a time")
            }
        }
    }
}

extension AttentionProblem {
    /// The same problem with other queries.
    fileprivate init(_ other: AttentionProblem, qkv: [Float]) {
        self.init(
            problem: other.problem,
            qkv: qkv,
            cache: other.cache,
            blockTables: other.blockTables,
            scale: other.scale
        )
    }

    /// One run's tokens, `size` at a time, each chunk a batch of its own over the same cache.
    fileprivate func chunks(ofRun index: Int, size: Int) -> [AttentionProblem] {
        let run = problem.runs[index]
        let columns = problem.shape.qkvColumns
        let firstToken = problem.runs[..<index].reduce(0) { $0 + $1.tokenCount }
        let start = run.contextLength - run.tokenCount
        return stride(from: 0, to: run.tokenCount, by: size).map { first in
            let count = min(size, run.tokenCount - first)
            let rows = (firstToken + first) * columns..<(firstToken + first + count) * columns
            return AttentionProblem(
                problem: AttentionCase(
                    headCount: problem.headCount,
                    kvHeadCount: problem.kvHeadCount,
                    headSize: problem.headSize,
                    blockSize: problem.blockSize,
                    kvFormat: problem.kvFormat,
                    runs: [.init(tokenCount: count, contextLength: start + first + count)]
                ),
                qkv: Array(qkv[rows]),
                cache: cache,
                blockTables: [blockTables[index]],
                scale: scale
            )
        }
    }
}
