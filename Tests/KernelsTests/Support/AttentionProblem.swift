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

    init(
        problem: AttentionCase,
        qkv: [Float],
        cache: TestKVCache,
        blockTables: [[UInt32]],
        scale: Float
    ) {
        self.problem = problem
        self.qkv = qkv
        self.cache = cache
        self.blockTables = blockTables
        self.scale = scale
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
    }

    /// Each token's place in its sequence.
    var positions: [UInt32] {
        problem.runs.flatMap { run in
            (run.contextLength - run.tokenCount..<run.contextLength).map { UInt32($0) }
        }
    }

    /// The tiles that cover all query rows, `tileRows` at a time.
    func tiles(of tileRows: Int) -> [AttentionTile] {
        let group = problem.headCount / problem.kvHeadCount
        var tiles: [AttentionTile] = []
        var (token, tableStart) = (0, 0)
        for (run, table) in zip(problem.runs, blockTables) {
            for row in stride(from: 0, to: run.tokenCount * group, by: tileRows) {
                tiles.append(
                    AttentionTile(
                        firstToken: UInt32(token),
                        tokenCount: UInt32(run.tokenCount),
                        firstRow: UInt32(row),
                        blockTableStart: UInt32(tableStart)
                    )
                )
            }
            token += run.tokenCount
            tableStart += table.count
        }
        return tiles
    }

    /// The kernel's answer.
    @TestDevice
    func solve(_ bench: Workbench, _ family: KernelFamily) throws -> [Float] {
        let shape = problem.shape
        let columns = shape.headCount * shape.headSize
        let y = try GuardedMatrix(bench, rows: problem.tokenCount, columns: columns, label: "y")
        let tiles = tiles(of: try bench.library(family).attentionTileRows)
        let queries = try bench.activations(qkv, columns: shape.qkvColumns, "qkv")
        let tileSlice = try bench.input(tiles, "tiles")
        let tables = try bench.input(blockTables.flatMap { $0 }, "block tables")
        let positionSlice = try bench.input(positions, "positions")
        let cacheSlice = try bench.input(cache.bytes, "cache")
        try bench.run(family) {
            try $0.pagedAttention(
                queries,
                tiles: tileSlice,
                tileCount: tiles.count,
                blockTables: tables,
                positions: positionSlice,
                cache: cacheSlice,
                shape: shape,
                scale: scale,
                into: y.matrix,
                tokenCount: problem.tokenCount
            )
        }
        return y.values(rows: problem.tokenCount, "\(family) \(problem)")
    }
}
