import Kernels
import ShaderParams
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct PagedAttentionTests {
    /// Nearly every case has a kernel of its own: on slow drivers every fourth is tested.
    private nonisolated static let cases =
        isSlowDriver
        ? AttentionCase.awkward.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
        : AttentionCase.awkward

    /// The GPU family's are tested in turn where they compile for seconds.
    private nonisolated static let familyCases = KernelFamily.tested.flatMap { family in
        cases.enumerated()
            .filter { family == .cpu || !isCPUDriver || $0.offset % 2 == 0 }
            .map { ($0.element, family) }
    }

    @Test(arguments: familyCases)
    func attentionAgreesWithTheReference(
        _ shape: AttentionCase,
        _ family: KernelFamily
    ) throws {
        var generator = SeededGenerator("\(shape)")
        let problem = AttentionProblem(shape, &generator)
        let actual = try problem.solve(try .shared(), family)
        expectClose(actual, problem.expected, .softmax, "\(family) \(shape)")
    }

    /// Prompts by cooperative matrices, whose weights are halves, beside single tokens. CPU drivers
    /// take a minute and more to compile larger heads.
    @Test(arguments: [(4, 2, 32), (9, 3, 48)], KVFormat.allCases)
    func matricesAgreeWithTheReference(
        _ heads: (query: Int, kv: Int, size: Int),
        _ format: KVFormat
    ) throws {
        let bench = try Workbench.shared()
        for features in 0..<2 where heads.size % format.headSizeMultiple == 0 {
            let shape = AttentionCase(
                headCount: heads.query,
                kvHeadCount: heads.kv,
                headSize: heads.size,
                kvFormat: format,
                window: features == 1 ? 21 : nil,
                softCap: features == 1 ? 3 : nil,
                hasSinks: features == 1,
                runs: [(1, 70), (40, 300), (17, 17), (33, 555), (2, 5)].map {
                    .init(tokenCount: $0.0, contextLength: $0.1)
                }
            )
            var generator = SeededGenerator("\(shape)")
            let problem = AttentionProblem(shape, &generator)
            let tiling = bench.matrixLibrary.attentionTiling(
                shape.shape,
                partialRowCapacity: 1000
            )
            guard tiling.matrixRows != nil else { continue }
            #expect(problem.plan(tiling).matrixCount > 2)
            let actual = try problem.solve(bench, .gpu, usesMatrices: true)
            expectClose(actual, problem.expected, .halvesSoftmax, "\(shape)")
        }
    }

    /// Where there are matrices and their tiles fit shared memory, prompts take them, unless bits
    /// may not depend on the batch.
    @Test func matricesAreForPrompts() {
        var device = MatmulDevice(
            subgroupSize: 32,
            sharedMemoryByteCount: 48 << 10,
            width: 32,
            matrix: CooperativeMatrix(m: 16, n: 16, k: 16, inputs: .f16, accumulator: .f32),
            acceleratesInt8DotProduct: false,
            hasIntegerDotProduct: false
        )
        func rows(_ headSize: Int, isBatchInvariant: Bool = false) -> Int? {
            device.attentionRows(
                AttentionShape(
                    headCount: 8,
                    kvHeadCount: 2,
                    headSize: headSize,
                    rotatedSize: headSize,
                    isNeoX: true,
                    blockSize: 16
                ),
                isBatchInvariant: isBatchInvariant
            )
        }
        let compiled = rows(128) != nil
        #expect(rows(128) == (compiled ? 32 : nil))
        #expect(rows(256) == (compiled ? 32 : nil))
        #expect(rows(72) == nil)
        #expect(rows(128, isBatchInvariant: true) == nil)
        device.sharedMemoryByteCount = 32 << 10
        #expect(rows(256) == nil)
        device.matrix = nil
        #expect(rows(128) == nil)
    }

    /// Scores far apart: all weight on one key, wherever it stands, with no overflow on the way.
    @Test(arguments: KernelFamily.tested)
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
        // Scores are in the hundreds, so that their rounding is in the exponent's fourth decimal.
        let tolerance = Tolerance(meanSquare: 1e-6, largest: 1e-2)
        expectClose(actual, problem.expected, tolerance, "\(family)")
    }

    /// Sinks far above the scores leave next to nothing for the keys, and sinks far below leave
    /// all; neither overflows.
    @Test(arguments: KernelFamily.tested, [Float(30), 300, -300])
    func sinksTakeTheirShare(_ family: KernelFamily, _ height: Float) throws {
        let shape = AttentionCase(
            headCount: 6,
            kvHeadCount: 2,
            headSize: 64,
            hasSinks: true,
            runs: [(5, 40), (1, 1200)].map { .init(tokenCount: $0.0, contextLength: $0.1) }
        )
        var generator = SeededGenerator("sinks")
        let problem = AttentionProblem(
            AttentionProblem(shape, &generator),
            sinks: [Float](repeating: height, count: 6)
        )
        let actual = try problem.solve(try .shared(), family)
        guard height < 100 else {
            #expect(actual.allSatisfy { abs($0) < 1e-30 }, "\(family)")
            return
        }
        expectClose(actual, problem.expected, .softmax, "\(family), sinks of \(height)")
    }

    /// Scores far beyond the cap: all of them nearly equal, and nothing overflows.
    @Test(arguments: KernelFamily.tested)
    func aCapHoldsAnyScore(_ family: KernelFamily) throws {
        let shape = AttentionCase(
            headCount: 2,
            kvHeadCount: 1,
            headSize: 64,
            softCap: 0.5,
            runs: [.init(tokenCount: 40, contextLength: 90)]
        )
        var generator = SeededGenerator("cap")
        let calm = AttentionProblem(shape, &generator)
        let problem = AttentionProblem(calm, qkv: calm.qkv.map { $0 * 1e6 })
        let actual = try problem.solve(try .shared(), family)
        expectClose(actual, problem.expected, .softmax, "\(family)")
    }

    /// A run alone, among others, cut into chunks: bit for bit the same.
    @Test(arguments: [(9, 3, 64), (6, 2, 96)], KVFormat.allCases)
    func bitsDoNotDependOnTheBatch(
        _ heads: (query: Int, kv: Int, size: Int),
        _ format: KVFormat
    ) throws {
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
        try expectNoTraceOfTheBatch(batch, chunkSizes: [1, 3, 16, 64])
    }

    /// The same over borders of splits, which chunks of one token may spread and others do not;
    /// with every feature.
    @Test(arguments: [nil, 300], KVFormat.allCases)
    func bitsDoNotDependOnTheBatchAcrossSplits(_ window: Int?, _ format: KVFormat) throws {
        let batch = AttentionCase(
            headCount: 6,
            kvHeadCount: 2,
            headSize: 64,
            kvFormat: format,
            window: window,
            softCap: window == nil ? nil : 3,
            hasSinks: window != nil,
            runs: [(5, 1028), (1, 1100), (4, 258)].map {
                .init(tokenCount: $0.0, contextLength: $0.1)
            }
        )
        try expectNoTraceOfTheBatch(batch, chunkSizes: [1, 2])
    }

    private func expectNoTraceOfTheBatch(_ batch: AttentionCase, chunkSizes: [Int]) throws {
        let bench = try Workbench.shared()
        var generator = SeededGenerator("\(batch)")
        let problem = AttentionProblem(batch, &generator)
        for family in KernelFamily.tested {
            let together = try problem.solve(bench, family).map(\.bitPattern)
            for chunkSize in chunkSizes {
                var apart: [UInt32] = []
                for index in batch.runs.indices {
                    for chunk in problem.chunks(ofRun: index, size: chunkSize) {
                        apart += try chunk.solve(bench, family).map(\.bitPattern)
                    }
                }
                expectSameBits(apart, together, "\(family) \(batch): \(chunkSize) at a time")
            }
        }
    }

    /// Splits in workgroups of their own, or one after another in one: bit for bit the same.
    @Test(arguments: KernelFamily.tested, [nil, 1, 600])
    func bitsDoNotDependOnWhoComputesASplit(_ family: KernelFamily, _ window: Int?) throws {
        let bench = try Workbench.shared()
        let batch = AttentionCase(
            headCount: 10,
            kvHeadCount: 1,
            headSize: 80,
            window: window,
            hasSinks: true,
            runs: [(1, 900), (1, 257), (1, 256), (3, 700), (1, 1537)].map {
                .init(tokenCount: $0.0, contextLength: $0.1)
            }
        )
        var generator = SeededGenerator("splits")
        let problem = AttentionProblem(batch, &generator)
        let tiling = try bench.library(family).attentionTiling(
            batch.shape,
            partialRowCapacity: 1000
        )
        func spread(_ length: Int, _ capacity: Int) -> AttentionPlan {
            var other = tiling
            other.spreadLength = length
            other.partialRowCapacity = capacity
            return problem.plan(other)
        }
        let all = spread(0, 1000)
        #expect(all.reductionCount == 3 * ((10 + tiling.rows - 1) / tiling.rows))
        #expect(spread(1000, 1000).reductionCount == all.reductionCount / 3)
        #expect(spread(5000, 1000).reductionCount == 0)

        let whole = try problem.solve(bench, family, spreadLength: 5000).map(\.bitPattern)
        for (length, capacity) in [(0, 1000), (1000, 1000), (0, 4 * tiling.rows), (0, 0)] {
            let actual = try problem.solve(
                bench,
                family,
                spreadLength: length,
                partialRowCapacity: capacity
            )
            expectSameBits(
                actual.map(\.bitPattern),
                whole,
                "\(family), spread beyond \(length) keys, \(capacity) partial rows"
            )
        }
    }
}

extension AttentionProblem {
    /// One run's tokens, `size` at a time, each chunk a batch of its own over the same cache.
    fileprivate func chunks(ofRun index: Int, size: Int) -> [AttentionProblem] {
        let run = problem.runs[index]
        let columns = problem.shape.qkvColumns
        let firstToken = problem.runs[..<index].reduce(0) { $0 + $1.tokenCount }
        let start = run.contextLength - run.tokenCount
        return stride(from: 0, to: run.tokenCount, by: size).map { first in
            let count = min(size, run.tokenCount - first)
            let rows = (firstToken + first) * columns..<(firstToken + first + count) * columns
            var chunk = problem
            chunk.runs = [.init(tokenCount: count, contextLength: start + first + count)]
            return AttentionProblem(
                self,
                problem: chunk,
                qkv: Array(qkv[rows]),
                blockTables: [blockTables[index]]
            )
        }
    }
}
