import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[t][r] = sum over k of weights[r][k] * x[t][k], plus residual[t][r] where there is one.
    /// - Parameters:
    ///   - weights: [rows, columns].
    ///   - x: [tokenCount, columns].
    ///   - residual: [tokenCount, rows]; may be `y` itself.
    ///   - y: [tokenCount, at least column + rows].
    ///   - column: where in a row of `y`, and of `residual`, the results begin.
    public mutating func matmul(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        residual: ActivationMatrix? = nil,
        into y: ActivationMatrix,
        column: Int = 0,
        tokenCount: Int
    ) throws(VulkanError) {
        precondition(
            x.columns == weights.columns && column + weights.rows <= y.columns
                && (residual?.columns ?? y.columns) == y.columns
                && tokenCount <= min(x.rowCapacity, y.rowCapacity),
            "matmul: [\(weights.rows), \(weights.columns)] by [\(tokenCount), \(x.columns)] into "
                + "[\(y.rowCapacity), \(y.columns)]"
        )
        let shape = MatmulShape(
            library.family,
            tokenCount: tokenCount,
            isBatchInvariant: library.isBatchInvariant
        )
        let shader = Shader.named(shape.kernel.rawValue, weights.format)
        let pipeline = try library.pipeline(
            shader,
            workgroupSize: shape.workgroupSize(subgroupSize: library.subgroupSize),
            UInt32(shape.columns),
            residual == nil ? 0 : 1
        )
        recording.dispatch(
            pipeline,
            MatmulParams(
                weights: weights.planes,
                x: x.slice.address,
                residual: residual.map { $0.slice.address + UInt64(4 * column) } ?? 0,
                y: y.slice.address + UInt64(4 * column),
                rows: UInt32(weights.rows),
                columns: UInt32(weights.columns),
                tokenCount: UInt32(tokenCount),
                xStride: UInt32(x.columns),
                yStride: UInt32(y.columns)
            ),
            groups: shape.groups(
                rows: weights.rows,
                tokenCount: tokenCount,
                subgroupSize: library.subgroupSize
            ),
            reads: weights.slices + [x.leading(tokenCount)]
                + (residual.map { [$0.leading(tokenCount)] } ?? []),
            writes: [y.leading(tokenCount)]
        )
    }
}

/// Which kernel multiplies, and how the work is cut: the launch geometry, in one place.
struct MatmulShape: Equatable {
    /// By the shader's stem.
    enum Kernel: String {
        /// An invocation computes a row for a few tokens.
        case cpu = "matmul_cpu"
        /// A subgroup computes a row for a few tokens.
        case vector = "matvec_gpu"
        /// A workgroup computes a tile of rows and tokens.
        case tile = "matmul_gpu"
    }

    let kernel: Kernel
    /// Tokens one invocation, subgroup or workgroup computes.
    let columns: Int

    /// - Parameter isBatchInvariant: whether a token's bits may not depend on `tokenCount`. The two
    ///   kernels of the GPU family add in different orders, so that only one of them may be used.
    init(_ family: KernelFamily, tokenCount: Int, isBatchInvariant: Bool) {
        let few = [1, 2, 4, 8].first { tokenCount <= $0 }
        switch (family, few) {
        case (.cpu, _): (kernel, columns) = (.cpu, few ?? 16)
        case (.gpu, let few?) where !isBatchInvariant: (kernel, columns) = (.vector, few)
        case (.gpu, _): (kernel, columns) = (.tile, 32)
        }
    }

    func workgroupSize(subgroupSize: Int) -> Int {
        switch kernel {
        case .cpu, .vector: 4 * subgroupSize
        case .tile: 128
        }
    }

    func groups(rows: Int, tokenCount: Int, subgroupSize: Int) -> Workgroups {
        switch kernel {
        case .cpu:
            Workgroups(
                Kernels.groups(rows, of: workgroupSize(subgroupSize: subgroupSize)),
                Kernels.groups(tokenCount, of: columns)
            )
        case .vector: Workgroups(Kernels.groups(rows, of: 4))
        case .tile:
            Workgroups(Kernels.groups(rows, of: 64), Kernels.groups(tokenCount, of: columns))
        }
    }
}
