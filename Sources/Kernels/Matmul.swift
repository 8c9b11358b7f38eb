import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[t][r] = sum over k of weights[r][k] * x[t][k], and what `epilogue` makes of it.
    /// - Parameters:
    ///   - weights: [rows, columns]; with an activation, gate rows and then as many up rows.
    ///   - x: [tokenCount, columns].
    ///   - y: [tokenCount, at least column + results].
    ///   - column: where in a row of `y`, and of the residual, the results begin.
    ///   - plan: how the GPU family computes it, one of `MatmulDevice.candidates`; nil chooses.
    public mutating func matmul(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        into y: ActivationMatrix,
        column: Int = 0,
        _ epilogue: MatmulEpilogue = .none,
        tokenCount: Int,
        plan: MatmulPlan? = nil
    ) throws(VulkanError) {
        let results = weights.rows / epilogue.activation.parts
        precondition(
            x.columns == weights.columns && column + results <= y.columns
                && (epilogue.residual?.columns ?? y.columns) == y.columns
                && tokenCount <= min(x.rowCapacity, y.rowCapacity)
                && weights.layout == library.family.weightLayout,
            "matmul: [\(weights.rows), \(weights.columns)] \(weights.layout) by [\(tokenCount), "
                + "\(x.columns)] into [\(y.rowCapacity), \(y.columns)]"
        )
        precondition(
            weights.rows % epilogue.activation.parts == 0
                && (epilogue.activation == .none || library.family == .gpu
                    || weights.rows % 64 == 0)
                && (epilogue.bias?.byteCount ?? .max) >= 4 * weights.rows
                && (epilogue.norm.map { $0.output.columns == results && y.columns == results }
                    ?? true),
            "matmul: an epilogue that does not fit \(weights.rows) rows"
        )
        switch library.family {
        case .cpu:
            try matmulCPU(weights, x, into: y, column: column, epilogue, tokenCount: tokenCount)
        case .gpu:
            let output = GPUProduct(weights, x, y, column, epilogue, tokenCount: tokenCount)
            try matmulGPU(output, plan ?? library.plan(output))
        }
    }
}
