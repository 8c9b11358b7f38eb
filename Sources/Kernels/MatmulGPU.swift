import ShaderParams
import Vulkan

/// One product of the GPU family: what is multiplied, and where the results go.
struct GPUProduct {
    let weights: WeightMatrix
    let x: ActivationMatrix
    var y: ActivationMatrix
    var column: Int
    var epilogue: MatmulEpilogue
    let tokenCount: Int

    init(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        _ y: ActivationMatrix,
        _ column: Int,
        _ epilogue: MatmulEpilogue,
        tokenCount: Int
    ) {
        self.weights = weights
        self.x = x
        self.y = y
        self.column = column
        self.epilogue = epilogue
        self.tokenCount = tokenCount
    }

    /// What a plan is chosen by.
    var problem: MatmulProblem {
        MatmulProblem(
            weights.format,
            rows: weights.rows,
            columns: weights.columns,
            tokenCount: tokenCount,
            parts: epilogue.activation.parts
        )
    }
}

extension KernelRecorder {
    /// The GPU family's product; shapes were checked.
    mutating func matmulGPU(_ product: GPUProduct, _ plan: MatmulPlan) throws(VulkanError) {
        precondition(
            plan.isValid(
                on: library.matmulDevice,
                format: product.weights.format,
                parts: product.epilogue.activation.parts
            ),
            "matmul: \(library.device.properties.name) cannot run \(plan)"
        )
        if plan.splits > 1 {
            try splitProduct(product, plan)
        } else if plan.kernel == .dot {
            let (columns, tokenCount) = (product.weights.columns, product.tokenCount)
            let slice = try library.scratch(
                .quantizedActivations,
                byteCount: QuantizedActivations.byteCount(columns, tokenCount: tokenCount)
            )
            let q = QuantizedActivations(slice, columns: columns, tokenCount: tokenCount)
            try quantize(product.x, into: q)
            try dispatch(product, plan, quantized: q)
        } else {
            try dispatch(product, plan)
        }
        guard let norm = product.epilogue.norm else { return }
        try rmsNorm(
            product.y,
            weight: norm.weight,
            into: norm.output,
            rowCount: product.tokenCount,
            epsilon: norm.epsilon
        )
    }

    /// Sums parts of the columns apart, then adds them up.
    private mutating func splitProduct(
        _ product: GPUProduct,
        _ plan: MatmulPlan
    ) throws(VulkanError) {
        let (rows, tokenCount) = (product.weights.rows, product.tokenCount)
        let splitCount = plan.splitCount(columns: product.weights.columns)
        let slice = try library.scratch(
            .partialSums,
            byteCount: 4 * splitCount * tokenCount * rows
        )
        let partials = ActivationMatrix(slice, rowCapacity: splitCount * tokenCount, columns: rows)
        var sums = product
        (sums.y, sums.column, sums.epilogue) = (partials, 0, .none)
        try dispatch(sums, plan, writtenRows: splitCount * tokenCount)
        try reduce(partials, splitCount: splitCount, product)
    }

    /// One run of a plan's kernel.
    private mutating func dispatch(
        _ product: GPUProduct,
        _ plan: MatmulPlan,
        quantized: QuantizedActivations? = nil,
        writtenRows: Int? = nil
    ) throws(VulkanError) {
        let (weights, tokenCount) = (product.weights, product.tokenCount)
        guard let shader = library.matmulDevice.shader(plan.kernel, weights.format) else {
            preconditionFailure("matmul: this build has no \(plan.kernel) for \(weights.format)")
        }
        let pipeline = try library.pipeline(
            shader,
            workgroupSize: plan.workgroupSize(subgroupSize: library.subgroupSize),
            constants: plan.constants(product.epilogue)
        )
        let input = quantized?.slice ?? product.x.leading(tokenCount)
        var parameters = MatmulParams(
            weights,
            product.x,
            into: product.y,
            column: product.column,
            product.epilogue,
            counters: nil,
            tokenCount: tokenCount
        )
        parameters.x = input.address
        parameters.xSums = quantized?.scales.address ?? 0
        parameters.splitBlocks = UInt32(plan.splitBlocks(columns: weights.columns))
        recording.dispatch(
            pipeline,
            parameters,
            groups: plan.groups(product.problem, subgroupSize: library.subgroupSize),
            reads: weights.slices + [input] + product.epilogue.reads(tokenCount),
            writes: [product.y.leading(writtenRows ?? tokenCount)]
        )
    }

    /// y[t][r] = sum over s of partials[s][t][r], and what becomes of it.
    private mutating func reduce(
        _ partials: ActivationMatrix,
        splitCount: Int,
        _ product: GPUProduct
    ) throws(VulkanError) {
        let workgroupSize = max(64, library.subgroupSize)
        let pipeline = try library.pipeline(
            .matmul_reduce,
            workgroupSize: workgroupSize,
            constants: [0] + product.epilogue.constants
        )
        let (epilogue, tokenCount) = (product.epilogue, product.tokenCount)
        let offset = UInt64(4 * product.column)
        recording.dispatch(
            pipeline,
            MatmulReduceParams(
                partials: partials.slice.address,
                bias: epilogue.bias?.address ?? 0,
                residual: epilogue.residual.map { $0.slice.address + offset } ?? 0,
                y: product.y.slice.address + offset,
                rows: UInt32(partials.columns),
                tokenCount: UInt32(tokenCount),
                splitCount: UInt32(splitCount),
                yStride: UInt32(product.y.columns)
            ),
            groups: Workgroups(
                groups(partials.columns / epilogue.activation.parts, of: workgroupSize),
                tokenCount
            ),
            reads: [partials.leading(splitCount * tokenCount)] + epilogue.reads(tokenCount),
            writes: [product.y.leading(tokenCount)]
        )
    }
}

extension KernelLibrary {
    /// How the GPU family computes a product: as measured, or as the table says.
    func plan(_ product: GPUProduct) -> MatmulPlan { plan(product.problem) }

    package func plan(_ problem: MatmulProblem) -> MatmulPlan {
        if let plan = plans[problem] { return plan }
        let plan = newPlan(problem)
        plans[problem] = plan
        return plan
    }

    private func newPlan(_ problem: MatmulProblem) -> MatmulPlan {
        if !isBatchInvariant, let plan = choices[problem.key],
            plan.isValid(on: matmulDevice, format: problem.format, parts: problem.parts)
        {
            return plan
        }
        return matmulDevice.plan(problem, isBatchInvariant: isBatchInvariant)
    }
}

extension MatmulEpilogue {
    /// Specialisation constants 3 to 5 of the GPU family's products; include/epilogue.glsl.
    var constants: [UInt32] {
        [residual == nil ? 0 : 1, bias == nil ? 0 : 1, activation.rawValue]
    }
}
