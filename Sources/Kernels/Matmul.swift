import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[t][r] = sum over k of weights[r][k] * x[t][k], and what `epilogue` makes of it.
    /// - Parameters:
    ///   - weights: [rows, columns]; with an activation, gate rows and then as many up rows.
    ///   - x: [tokenCount, columns].
    ///   - y: [tokenCount, at least column + results].
    ///   - column: where in a row of `y`, and of the residual, the results begin.
    public mutating func matmul(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        into y: ActivationMatrix,
        column: Int = 0,
        _ epilogue: MatmulEpilogue = .none,
        tokenCount: Int
    ) throws(VulkanError) {
        let results = epilogue.activation == .none ? weights.rows : weights.rows / 2
        precondition(
            x.columns == weights.columns && column + results <= y.columns
                && (epilogue.residual?.columns ?? y.columns) == y.columns
                && tokenCount <= min(x.rowCapacity, y.rowCapacity)
                && weights.layout == library.family.weightLayout,
            "matmul: [\(weights.rows), \(weights.columns)] \(weights.layout) by [\(tokenCount), "
                + "\(x.columns)] into [\(y.rowCapacity), \(y.columns)]"
        )
        precondition(
            (epilogue.activation == .none || weights.rows % 64 == 0)
                && (epilogue.norm.map { $0.output.columns == results && y.columns == results }
                    ?? true),
            "matmul: an epilogue that does not fit \(weights.rows) rows"
        )
        switch library.family {
        case .cpu:
            try matmulCPU(weights, x, into: y, column: column, epilogue, tokenCount: tokenCount)
        case .gpu:
            try matmulGPU(weights, x, into: y, column: column, epilogue, tokenCount: tokenCount)
        }
    }

    /// The GPU family's product.
    private mutating func matmulGPU(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        into y: ActivationMatrix,
        column: Int,
        _ epilogue: MatmulEpilogue,
        tokenCount: Int
    ) throws(VulkanError) {
        let shape = MatmulShape(
            tokenCount: tokenCount,
            isBatchInvariant: library.isBatchInvariant
        )
        let pipeline = try library.pipeline(
            weights.format.shader(for: shape.kernel),
            workgroupSize: shape.workgroupSize(subgroupSize: library.subgroupSize),
            UInt32(shape.columns),
            epilogue.residual == nil ? 0 : 1
        )
        recording.dispatch(
            pipeline,
            MatmulParams(
                weights,
                x,
                into: y,
                column: column,
                epilogue,
                counters: nil,
                tokenCount: tokenCount
            ),
            groups: shape.groups(
                rows: weights.rows,
                tokenCount: tokenCount,
                subgroupSize: library.subgroupSize
            ),
            reads: weights.slices + [x.leading(tokenCount)] + epilogue.reads(tokenCount),
            writes: [y.leading(tokenCount)]
        )
        guard let norm = epilogue.norm else { return }
        try rmsNorm(
            y,
            weight: norm.weight,
            into: norm.output,
            rowCount: tokenCount,
            epsilon: norm.epsilon
        )
    }
}

/// Which of the GPU family's kernels multiplies, and how the work is cut: the launch geometry, in
/// one place.
struct MatmulShape: Equatable {
    enum Kernel: Equatable {
        /// A subgroup computes a row for a few tokens.
        case vector
        /// A workgroup computes a tile of rows and tokens.
        case tile
    }

    let kernel: Kernel
    /// Tokens one invocation, subgroup or workgroup computes.
    let columns: Int

    /// - Parameter isBatchInvariant: whether a token's bits may not depend on `tokenCount`. The two
    ///   kernels of the GPU family add in different orders, so that only one of them may be used.
    init(tokenCount: Int, isBatchInvariant: Bool) {
        let few = [1, 2, 4, 8].first { tokenCount <= $0 }
        if let few, !isBatchInvariant {
            (kernel, columns) = (.vector, few)
        } else {
            (kernel, columns) = (.tile, 32)
        }
    }

    func workgroupSize(subgroupSize: Int) -> Int {
        switch kernel {
        case .vector: 4 * subgroupSize
        case .tile: 128
        }
    }

    func groups(rows: Int, tokenCount: Int, subgroupSize: Int) -> Workgroups {
        switch kernel {
        case .vector: Workgroups(Kernels.groups(rows, of: 4))
        case .tile:
            Workgroups(Kernels.groups(rows, of: 64), Kernels.groups(tokenCount, of: columns))
        }
    }
}

extension WeightFormat {
    func shader(for kernel: MatmulShape.Kernel) -> Shader {
        switch (kernel, self) {
        case (.vector, .q4_1): .matvec_gpu_q4_1
        case (.vector, .q8_0): .matvec_gpu_q8_0
        case (.vector, .f16): .matvec_gpu_f16
        case (.vector, .bf16): .matvec_gpu_bf16
        case (.vector, .f32): .matvec_gpu_f32
        case (.tile, .q4_1): .matmul_gpu_q4_1
        case (.tile, .q8_0): .matmul_gpu_q8_0
        case (.tile, .f16): .matmul_gpu_f16
        case (.tile, .bf16): .matmul_gpu_bf16
        case (.tile, .f32): .matmul_gpu_f32
        }
    }
}
