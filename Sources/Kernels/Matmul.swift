import ShaderParams
public import Vulkan

/// What a product does with its sums where its weights are the rows of a gate and, below them, as
/// many of an up projection: a row of y is made of one of each, and y has half as many.
public enum MatmulActivation: UInt32, Sendable, CaseIterable {
    /// The sums are the result.
    case none
    /// silu(gate) * up (Shazeer 2020, SwiGLU).
    case siluMul
    /// gelu(gate) * up, by the approximation with tanh.
    case geluMul

    /// Rows of weights that make a row of y.
    public var parts: Int { self == .none ? 1 : 2 }
}

extension KernelRecorder {
    /// y[t][r] = sum over k of weights[r][k] * x[t][k], plus bias[r], through the activation, plus
    /// residual[t][r], where there are such.
    /// - Parameters:
    ///   - weights: [rows, columns].
    ///   - x: [tokenCount, columns].
    ///   - bias: float[rows].
    ///   - activation: see `MatmulActivation`; y then has rows / 2 columns.
    ///   - residual: [tokenCount, rows]; may be `y` itself.
    ///   - y: [tokenCount, at least column + rows].
    ///   - column: where in a row of `y`, and of `residual`, the results begin.
    ///   - plan: how to compute it; nil chooses.
    public mutating func matmul(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        bias: BufferSlice? = nil,
        activation: MatmulActivation = .none,
        residual: ActivationMatrix? = nil,
        into y: ActivationMatrix,
        column: Int = 0,
        tokenCount: Int,
        plan: MatmulPlan? = nil
    ) throws(VulkanError) {
        let outputs = weights.rows / activation.parts
        precondition(
            x.columns == weights.columns && column + outputs <= y.columns
                && weights.rows % activation.parts == 0
                && (residual?.columns ?? y.columns) == y.columns
                && (bias?.byteCount ?? .max) >= 4 * weights.rows
                && tokenCount <= min(x.rowCapacity, y.rowCapacity),
            "matmul: [\(weights.rows), \(weights.columns)] by [\(tokenCount), \(x.columns)] into "
                + "[\(y.rowCapacity), \(y.columns)], \(activation)"
        )
        let epilogue = MatmulEpilogue(
            bias: bias,
            activation: activation,
            residual: residual,
            y: y,
            column: column
        )
        let plan =
            plan
            ?? library.matmulPlan(
                weights,
                tokenCount: tokenCount,
                parts: activation.parts
            )
        precondition(
            library.fusesEpilogue || bias == nil && activation == .none,
            "matmul: \(plan) adds no bias and knows no activation"
        )
        if plan.splits > 1 {
            try splitMatmul(weights, x, epilogue, tokenCount: tokenCount, plan)
        } else if plan.kernel == .dot {
            let quantized = try library.scratch(
                .quantizedActivations,
                byteCount: QuantizedActivations.byteCount(x.columns, tokenCount: tokenCount)
            )
            let q = QuantizedActivations(quantized, columns: x.columns, tokenCount: tokenCount)
            try quantize(x, into: q)
            try product(weights, x, quantized: q, epilogue, tokenCount: tokenCount, plan)
        } else {
            try product(weights, x, epilogue, tokenCount: tokenCount, plan)
        }
    }

    /// Sums parts of the columns apart, then adds them up.
    private mutating func splitMatmul(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        _ epilogue: MatmulEpilogue,
        tokenCount: Int,
        _ plan: MatmulPlan
    ) throws(VulkanError) {
        let blocks = plan.splitBlocks(columns: weights.columns)
        let splitCount = Kernels.groups(weights.columns / WeightFormat.blockSize, of: blocks)
        let slice = try library.scratch(
            .partialSums,
            byteCount: 4 * splitCount * tokenCount * weights.rows
        )
        let partials = ActivationMatrix(
            slice,
            rowCapacity: splitCount * tokenCount,
            columns: weights.rows
        )
        let none = MatmulEpilogue(y: partials, rowCount: splitCount * tokenCount)
        try product(weights, x, none, tokenCount: tokenCount, plan)
        try reduce(partials, splitCount: splitCount, epilogue, tokenCount: tokenCount)
    }

    /// One dispatch of a plan's kernel.
    private mutating func product(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        quantized: QuantizedActivations? = nil,
        _ epilogue: MatmulEpilogue,
        tokenCount: Int,
        _ plan: MatmulPlan
    ) throws(VulkanError) {
        guard let shader = library.matmulDevice.shader(plan.kernel, weights.format) else {
            preconditionFailure("matmul: this build has no \(plan.kernel) for \(weights.format)")
        }
        let pipeline = try library.pipeline(
            shader,
            workgroupSize: plan.workgroupSize(subgroupSize: library.subgroupSize),
            constants: plan.constants(epilogue)
        )
        let input = quantized?.slice ?? x.leading(tokenCount)
        recording.dispatch(
            pipeline,
            MatmulParams(
                weights: weights.planes,
                x: input.address,
                xScales: quantized?.scales.address ?? 0,
                bias: epilogue.bias?.address ?? 0,
                residual: epilogue.residualAddress,
                y: epilogue.address,
                rows: UInt32(weights.rows),
                columns: UInt32(weights.columns),
                tokenCount: UInt32(tokenCount),
                xStride: UInt32(x.columns),
                yStride: UInt32(epilogue.y.columns),
                splitBlocks: UInt32(plan.splitBlocks(columns: weights.columns))
            ),
            groups: plan.groups(
                rows: weights.rows,
                columns: weights.columns,
                tokenCount: tokenCount,
                parts: epilogue.activation.parts,
                subgroupSize: library.subgroupSize
            ),
            reads: weights.slices + [input] + epilogue.reads(tokenCount),
            writes: [epilogue.y.leading(epilogue.rowCount ?? tokenCount)]
        )
    }

    /// y = the sums of a split product's parts, and what becomes of them.
    private mutating func reduce(
        _ partials: ActivationMatrix,
        splitCount: Int,
        _ epilogue: MatmulEpilogue,
        tokenCount: Int
    ) throws(VulkanError) {
        let workgroupSize = max(64, library.subgroupSize)
        let pipeline = try library.pipeline(
            .matmul_reduce,
            workgroupSize: workgroupSize,
            constants: [0] + epilogue.constants
        )
        recording.dispatch(
            pipeline,
            MatmulReduceParams(
                partials: partials.slice.address,
                bias: epilogue.bias?.address ?? 0,
                residual: epilogue.residualAddress,
                y: epilogue.address,
                rows: UInt32(partials.columns),
                tokenCount: UInt32(tokenCount),
                splitCount: UInt32(splitCount),
                yStride: UInt32(epilogue.y.columns)
            ),
            groups: Workgroups(
                Kernels.groups(partials.columns / epilogue.activation.parts, of: workgroupSize),
                tokenCount
            ),
            reads: [partials.leading(splitCount * tokenCount)] + epilogue.reads(tokenCount),
            writes: [epilogue.y.leading(tokenCount)]
        )
    }
}

/// Where a product's sums go, and what becomes of them on the way; include/epilogue.glsl.
struct MatmulEpilogue {
    var bias: BufferSlice?
    var activation = MatmulActivation.none
    var residual: ActivationMatrix?
    let y: ActivationMatrix
    var column = 0
    /// Rows of y that are written, if not one for each token.
    var rowCount: Int?

    var address: UInt64 { y.slice.address + UInt64(4 * column) }
    var residualAddress: UInt64 { residual.map { $0.slice.address + UInt64(4 * column) } ?? 0 }

    /// Specialisation constants 3 to 5.
    var constants: [UInt32] {
        [residual == nil ? 0 : 1, bias == nil ? 0 : 1, activation.rawValue]
    }

    func reads(_ tokenCount: Int) -> [BufferSlice] {
        [bias, residual?.leading(tokenCount)].compactMap { $0 }
    }
}
