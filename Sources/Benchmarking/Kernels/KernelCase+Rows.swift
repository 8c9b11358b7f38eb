import Kernels
import ShaderParams
import Vulkan

extension KernelCase {
    /// Kernels that work on each row alone.
    static func rows() -> [KernelCase] {
        RowsCase.typical.flatMap { [rmsNorm($0), gatedActivation($0)] }
            + WeightFormat.allCases.flatMap { format in
                RowsCase.typical(format).map { embed($0, format) }
            }
    }

    private static func rmsNorm(_ shape: RowsCase) -> KernelCase {
        let count = shape.rows * shape.columns
        return KernelCase(
            kernel: "rms_norm",
            format: "",
            shape: "\(shape)",
            byteCount: 4 * (2 * count + shape.columns),
            flopCount: 4 * count
        ) { bench in
            let x = try bench.activations(rows: shape.rows, columns: shape.columns, "x")
            let y = try bench.activations(rows: shape.rows, columns: shape.columns, "y")
            let weight = try bench.random(byteCount: 4 * shape.columns, .floats, "weight")
            return { (recorder, _) throws(VulkanError) in
                try recorder.rmsNorm(
                    x,
                    weight: weight,
                    into: y,
                    rowCount: shape.rows,
                    epsilon: 1e-5
                )
            }
        }
    }

    private static func gatedActivation(_ shape: RowsCase) -> KernelCase {
        let count = shape.rows * shape.columns
        return KernelCase(
            kernel: "gated_activation",
            format: "",
            shape: "\(shape)",
            byteCount: 4 * 3 * count,
            flopCount: 4 * count
        ) { bench in
            let x = try bench.activations(rows: shape.rows, columns: 2 * shape.columns, "x")
            let y = try bench.activations(rows: shape.rows, columns: shape.columns, "y")
            return { (recorder, _) throws(VulkanError) in
                try recorder.gatedActivation(x, .siluMul, into: y, tokenCount: shape.rows)
            }
        }
    }

    private static func embed(_ shape: RowsCase, _ format: WeightFormat) -> KernelCase {
        let weights = format.byteCount(rows: shape.rows, columns: shape.columns)
        return KernelCase(
            kernel: "embed",
            format: format.rawValue,
            shape: "\(shape)",
            byteCount: weights + 4 * shape.rows * shape.columns,
            flopCount: 2 * shape.rows * shape.columns
        ) { bench in
            let vocabulary = 4096
            let matrix = try bench.coldWeights(
                format,
                rows: vocabulary,
                columns: shape.columns
            )[0]
            let y = try bench.activations(rows: shape.rows, columns: shape.columns, "y")
            var generator = SeededGenerator(seed: 1)
            let tokens = try bench.input(
                (0..<shape.rows).map { _ in
                    UInt32.random(in: 0..<UInt32(vocabulary), using: &generator)
                },
                "tokens"
            )
            return { (recorder, _) throws(VulkanError) in
                try recorder.embed(
                    matrix,
                    tokens: tokens,
                    sampled: tokens,
                    into: y,
                    tokenCount: shape.rows
                )
            }
        }
    }

    /// Drawing tokens: the most probable, and one of the nucleus.
    static func samples() -> [KernelCase] {
        RowsCase.logits.flatMap { [sample($0, topP: nil), sample($0, topP: 0.9)] }
    }

    private static func sample(_ shape: RowsCase, topP: Float?) -> KernelCase {
        let count = shape.rows * shape.columns
        return KernelCase(
            kernel: "sample",
            format: "",
            shape: "\(shape), " + (topP.map { "top-p \($0)" } ?? "greedy"),
            byteCount: 4 * count,
            flopCount: count
        ) { bench in
            let logits = try bench.activations(rows: shape.rows, columns: shape.columns, "logits")
            let rows = (0..<shape.rows).map { row in
                var sampling = SamplingRow()
                sampling.logitsRow = UInt32(row)
                sampling.temperature = topP == nil ? 0 : 0.8
                sampling.topP = topP ?? 1
                sampling.seedLow = UInt32(row)
                return sampling
            }
            let parameters = try bench.input(rows, "rows")
            let tokens = try bench.random(byteCount: 4 * shape.rows, .words, "tokens")
            return { (recorder, _) throws(VulkanError) in
                try recorder.sample(
                    logits,
                    rows: parameters,
                    sampleCount: shape.rows,
                    into: tokens
                )
            }
        }
    }
}
