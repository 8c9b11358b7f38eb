import Kernels
import ShaderParams
import Testing

/// A case of attention with numbers in it: queries, a cache whose blocks lie in no order, and what
/// the kernel needs to find its way.
struct AttentionProblem {
    let problem: AttentionCase
    let qkv: [Float]
    /// Blocks that no sequence owns are not numbers, and neither are slots nobody has written.
    let cache: TestKVCache
    let blockTables: [[UInt32]]
    let scale: Float
    /// A score for each head.
    let sinks: [Float]

    /// The same problem otherwise in part.
    init(
        _ other: AttentionProblem,
        problem: AttentionCase? = nil,
        qkv: [Float]? = nil,
        blockTables: [[UInt32]]? = nil,
        sinks: [Float]? = nil
    ) {
        self.problem = problem ?? other.problem
        self.qkv = qkv ?? other.qkv
        cache = other.cache
        self.blockTables = blockTables ?? other.blockTables
        scale = other.scale
        self.sinks = sinks ?? other.sinks
    }

    /// Random queries, keys and values.
    init(_ problem: AttentionCase, _ generator: inout SeededGenerator) {
        self.problem = problem
        let (shape, blockSize) = (problem.shape, problem.blockSize)
        qkv = generator.floats(problem.tokenCount * shape.qkvColumns, scale: 2)
        let blockCounts = problem.runs.map { ($0.contextLength + blockSize - 1) / blockSize }
        let spareBlocks = 3
        let blockCount = blockCounts.reduce(spareBlocks, +)
        var free = (0..<UInt32(blockCount)).shuffled(using: &generator)
        var tables: [[UInt32]] = []
        var cache = TestKVCache(shape, blockCount: blockCount)
        for (run, count) in zip(problem.runs, blockCounts) {
            let table = Array(free.suffix(count))
            free.removeLast(count)
            tables.append(table)
            for key in 0..<run.contextLength {
                for tile in 0..<2 * shape.kvHeadCount {
                    let block = Int(table[key / blockSize])
                    cache.fill(
                        tile: block * 2 * shape.kvHeadCount + tile,
                        slot: key % blockSize,
                        &generator
                    )
                }
            }
        }
        self.cache = cache
        blockTables = tables
        scale = 1 / Float(shape.headSize).squareRoot()
        sinks = generator.floats(shape.headCount, scale: 4)
    }

    /// Each token's place in its sequence.
    var positions: [UInt32] {
        problem.runs.flatMap { run in
            (run.contextLength - run.tokenCount..<run.contextLength).map { UInt32($0) }
        }
    }

    /// What the kernel has to do, and where each run's block table begins.
    func plan(_ tiling: AttentionTiling) -> AttentionPlan {
        var (token, tableStart) = (0, 0)
        let runs = zip(problem.runs, blockTables).map { run, table in
            defer {
                token += run.tokenCount
                tableStart += table.count
            }
            return AttentionPlan.Run(
                firstToken: token,
                tokenCount: run.tokenCount,
                contextLength: run.contextLength,
                blockTableStart: tableStart
            )
        }
        return AttentionPlan(runs, tiling)
    }

    /// The kernel's answer.
    /// - Parameters:
    ///   - spreadLength: keys beyond which a token's splits have workgroups of their own.
    ///   - partialRowCapacity: rows of partial results there is room for.
    ///   - usesMatrices: whether cooperative matrices compute what they can.
    @TestDevice
    func solve(
        _ bench: Workbench,
        _ family: KernelFamily,
        spreadLength: Int? = nil,
        partialRowCapacity: Int = 1000,
        usesMatrices: Bool = false
    ) throws -> [Float] {
        let library = try usesMatrices ? bench.matrixLibrary : bench.library(family)
        let shape = problem.shape
        let columns = shape.headCount * shape.headSize
        let y = try GuardedMatrix(bench, rows: problem.tokenCount, columns: columns, label: "y")
        var tiling = library.attentionTiling(
            shape,
            partialRowCapacity: partialRowCapacity
        )
        tiling.spreadLength = spreadLength ?? tiling.spreadLength
        if !usesMatrices { tiling.matrixRows = nil }
        let plan = plan(tiling)
        let partialSize = AttentionBatch.partialByteCount(headSize: shape.headSize)
        let partials = try GuardedBuffer(
            bench,
            wordCount: max(1, partialRowCapacity * partialSize / 4),
            label: "partials"
        )
        let batch = AttentionBatch(
            plan,
            tiling,
            tiles: try bench.input(plan.tiles, "tiles"),
            blockTables: try bench.input(blockTables.flatMap { $0 }, "block tables"),
            positions: try bench.input(positions, "positions"),
            partials: partials.slice
        )
        let queries = try bench.activations(qkv, columns: shape.qkvColumns, "qkv")
        let sinkSlice = problem.hasSinks ? try bench.input(sinks, "sinks") : nil
        let cacheSlice = try bench.input(cache.bytes, "cache")
        try bench.run(library) {
            try $0.pagedAttention(
                queries,
                batch,
                cache: cacheSlice,
                shape: shape,
                scale: scale,
                sinks: sinkSlice,
                into: y.matrix,
                tokenCount: problem.tokenCount
            )
        }
        _ = partials.words(partialRowCapacity * partialSize / 4, "\(family) \(problem): partials")
        return y.values(rows: problem.tokenCount, "\(family) \(problem)")
    }

    /// The reference's answer.
    var expected: [Double] {
        pagedAttentionReference(
            problem,
            qkv: qkv,
            cache: cache.values,
            blockTables: blockTables,
            scale: scale,
            sinks: problem.hasSinks ? sinks : nil
        )
    }
}
