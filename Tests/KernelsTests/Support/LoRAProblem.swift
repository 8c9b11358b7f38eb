import Kernels
import ShaderParams
import Vulkan

/// The adapters of a `LoRACase` on the device, with random factors.
@TestDevice
struct LoRAProblem {
    let shape: LoRACase
    let stack: LoRAStack
    let weights: [BufferSlice]
    /// By adapter and matrix: row after row; empty where the adapter leaves the matrix alone.
    private(set) var a: [[[Float]]] = []
    private(set) var b: [[[Float]]] = []

    init(_ shape: LoRACase, _ bench: Workbench, _ generator: inout SeededGenerator) throws {
        self.shape = shape
        let zeros = try bench.input([Float](repeating: 0, count: 1024), "zeros")
        var weights = [zeros]
        var factors: [[LoRAFactors]] = []
        for ranks in shape.ranks {
            var (a, b, own): ([[Float]], [[Float]], [LoRAFactors]) = ([], [], [])
            var column = 0
            for (rank, rows) in zip(ranks, shape.rowCounts) {
                a.append(generator.floats(rank * shape.columns))
                b.append(generator.floats(rows * rank))
                var slices = [zeros, zeros]
                if rank > 0 {
                    slices = [
                        try bench.input(
                            LoRAStack.interleaved(
                                a[a.count - 1],
                                rows: rank,
                                columns: shape.columns
                            ),
                            "a"
                        ),
                        try bench.input(
                            LoRAStack.interleaved(b[b.count - 1], rows: rows, columns: rank),
                            "b"
                        ),
                    ]
                    weights += slices
                }
                own.append(
                    LoRAFactors(
                        a: slices[0].address,
                        b: slices[1].address,
                        rank: UInt32(rank),
                        rows: UInt32(rows),
                        column: UInt32(column),
                        unused: 0
                    )
                )
                column += rows
            }
            self.a.append(a)
            self.b.append(b)
            factors.append(own)
        }
        self.weights = weights
        stack = LoRAStack(
            factors: try bench.input(
                shape.rowCounts.indices.flatMap { matrix in factors.map { $0[matrix] } },
                "factors"
            ),
            slotCount: shape.ranks.count,
            rowCounts: shape.rowCounts,
            maxRank: shape.maxRank
        )
    }

    /// What kernels are told of tokens.
    static func step(_ slots: [Int?], _ bench: Workbench) throws -> (LoRABatch, LoRAStep) {
        let batch = LoRABatch(slots: slots)
        let step = LoRAStep(
            batch,
            tiles: try bench.input(batch.tiles, "tiles"),
            tokens: try bench.input(batch.tokens, "tokens")
        )
        return (batch, step)
    }
}
