import Kernels
import ShaderParams
import Vulkan

extension KernelCase {
    /// Attention over the paged cache, and what writes it, in every format of the cache.
    static func attentions() -> [KernelCase] {
        KVFormat.allCases.flatMap { format in
            AttentionCase.typical.flatMap { problem in
                [attention(problem, format), write(problem, format)]
            }
        }
    }

    private static func shape(_ problem: AttentionCase, _ format: KVFormat) -> AttentionShape {
        var shape = problem.shape
        shape.kvFormat = format
        return shape
    }

    private static func description(_ problem: AttentionCase) -> String {
        let runs = Dictionary(grouping: problem.runs) { $0 }.map { run, all in
            (all.count > 1 ? "\(all.count) x " : "") + "\(run.tokenCount) of \(run.contextLength)"
        }
        return "\(problem.headCount)/\(problem.kvHeadCount) heads of \(problem.headSize), "
            + runs.sorted().joined(separator: " + ")
    }

    private static func attention(_ problem: AttentionCase, _ format: KVFormat) -> KernelCase {
        let shape = shape(problem, format)
        let row = format.rowByteCount(headSize: shape.headSize)
        let keys = problem.runs.reduce(0) { $0 + $1.contextLength }
        let queries = problem.tokenCount * shape.headCount * shape.headSize
        return KernelCase(
            kernel: "paged_attention",
            format: format.rawValue,
            shape: description(problem),
            byteCount: keys * shape.kvHeadCount * 2 * row + 4 * 2 * queries,
            flopCount: problem.flopCount
        ) { bench in
            let layout = try AttentionLayout(bench, problem, shape)
            let qkv = try bench.activations(
                rows: problem.tokenCount,
                columns: shape.qkvColumns,
                "qkv"
            )
            let y = try bench.activations(
                rows: problem.tokenCount,
                columns: shape.headCount * shape.headSize,
                "y"
            )
            return { (recorder, run) throws(VulkanError) in
                try recorder.pagedAttention(
                    qkv,
                    layout.batch(run),
                    cache: layout.cache,
                    shape: shape,
                    scale: 1 / Float(shape.headSize).squareRoot(),
                    into: y,
                    tokenCount: problem.tokenCount
                )
            }
        }
    }

    private static func write(_ problem: AttentionCase, _ format: KVFormat) -> KernelCase {
        let shape = shape(problem, format)
        let row = format.rowByteCount(headSize: shape.headSize)
        let rotated = (shape.headCount + shape.kvHeadCount) * shape.headSize
        let written = shape.kvHeadCount * 2 * row
        return KernelCase(
            kernel: "rope_kv_write",
            format: format.rawValue,
            shape: description(problem),
            byteCount: problem.tokenCount * (4 * (shape.qkvColumns + rotated) + written),
            flopCount: problem.tokenCount * 3 * rotated
        ) { bench in
            let layout = try AttentionLayout(bench, problem, shape)
            let qkv = try bench.activations(
                rows: problem.tokenCount,
                columns: shape.qkvColumns,
                "qkv"
            )
            let longest = problem.runs.map(\.contextLength).max() ?? 1
            let rotations = try bench.random(
                byteCount: 4 * longest * shape.rotatedSize,
                .floats,
                "rotations"
            )
            return { (recorder, _) throws(VulkanError) in
                try recorder.ropeKVWrite(
                    qkv,
                    positions: layout.positions,
                    slotMapping: layout.slotMapping,
                    rotations: rotations,
                    cache: layout.cache,
                    shape: shape,
                    tokenCount: problem.tokenCount
                )
            }
        }
    }
}

/// A cache of more bytes than caches hold, and where the sequences of a case lie in it.
private struct AttentionLayout {
    let cache: BufferSlice
    private let plan: AttentionPlan
    private let tiling: AttentionTiling
    private let tiles: BufferSlice
    private let partials: BufferSlice
    let positions: BufferSlice
    let slotMapping: BufferSlice
    /// Tables that lead to the same tokens in other blocks, for runs that find their keys cold.
    private let blockTables: [BufferSlice]

    init(_ bench: KernelWorkbench, _ problem: AttentionCase, _ shape: AttentionShape) throws {
        let blocksOfRuns = problem.runs.map {
            ($0.contextLength + shape.blockSize - 1) / shape.blockSize
        }
        let needed = blocksOfRuns.reduce(0, +)
        let copies = min(max(1, bench.coldByteCount / (needed * shape.blockByteCount)), 64)
        cache = try bench.random(
            byteCount: copies * needed * shape.blockByteCount,
            .halves,
            "cache"
        )
        blockTables = try (0..<copies).map { copy in
            // Neighbours in a sequence are no neighbours in memory.
            let step = needed > 7 && needed % 7 != 0 ? 7 : 1
            return try bench.input(
                (0..<needed).map { UInt32(copy * needed + $0 * step % needed) },
                "block tables"
            )
        }
        tiling = bench.library.attentionTiling(
            shape,
            partialRowCapacity: shape.headCount
                * problem.runs.reduce(0) { $0 + $1.contextLength / Int(SPLIT_KEYS) + 1 }
        )
        var runs: [AttentionPlan.Run] = []
        var (token, table) = (0, 0)
        var positions: [UInt32] = []
        for (run, blocks) in zip(problem.runs, blocksOfRuns) {
            runs.append(
                AttentionPlan.Run(
                    firstToken: token,
                    tokenCount: run.tokenCount,
                    contextLength: run.contextLength,
                    blockTableStart: table
                )
            )
            positions += (run.contextLength - run.tokenCount..<run.contextLength).map {
                UInt32($0)
            }
            token += run.tokenCount
            table += blocks
        }
        plan = AttentionPlan(runs, tiling)
        tiles = try bench.input(plan.tiles, "tiles")
        partials = try bench.random(
            byteCount: tiling.partialRowCapacity
                * AttentionBatch.partialByteCount(headSize: shape.headSize),
            .floats,
            "partials"
        )
        self.positions = try bench.input(positions, "positions")
        slotMapping = try bench.input(positions.indices.map { UInt32($0) }, "slots")
    }
    /// The attention of a run; neighbouring runs find their keys in other blocks.
    func batch(_ run: Int) -> AttentionBatch {
        AttentionBatch(
            plan,
            tiling,
            tiles: tiles,
            blockTables: blockTables[run % blockTables.count],
            positions: positions,
            partials: partials
        )
    }
}
