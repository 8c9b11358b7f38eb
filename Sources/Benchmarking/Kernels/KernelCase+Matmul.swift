import Kernels
import Vulkan

extension KernelCase {
    /// Matrix products, in every format of the weights.
    static func matmuls() -> [KernelCase] {
        WeightFormat.allCases.flatMap { format in
            MatmulCase.typical(format).map { matmul($0, format) }
        }
    }

    static func matmul(_ shape: MatmulCase, _ format: WeightFormat) -> KernelCase {
        let weights = format.byteCount(rows: shape.rows, columns: shape.columns)
        return KernelCase(
            kernel: "matmul",
            format: format.rawValue,
            shape: "\(shape)",
            byteCount: weights + 4 * shape.tokenCount * (shape.rows + shape.columns),
            flopCount: shape.flopCount
        ) { bench in
            let matrices = try bench.coldWeights(
                format,
                rows: shape.rows,
                columns: shape.columns
            )
            let x = try bench.activations(rows: shape.tokenCount, columns: shape.columns, "x")
            let y = try bench.activations(rows: shape.tokenCount, columns: shape.rows, "y")
            return { (recorder, run) throws(VulkanError) in
                try recorder.matmul(
                    matrices[run % matrices.count],
                    x,
                    into: y,
                    tokenCount: shape.tokenCount
                )
            }
        }
    }
}
