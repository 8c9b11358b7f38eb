import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[i] = x[r] / rms(x[r]) * weight, where r is `rowIndices[i]`, or i without indices.
    /// - Parameters:
    ///   - weight: float[columns].
    ///   - rowIndices: uint[rowCount], rows of x.
    ///   - y: [rowCount, columns]; may be x, unless rows are gathered.
    ///   - adds: whether that is added to what y holds.
    ///   - next: the norm of each finished row of y, written beside it; its output may be x.
    public mutating func rmsNorm(
        _ x: ActivationMatrix,
        weight: BufferSlice,
        rowIndices: BufferSlice? = nil,
        into y: ActivationMatrix,
        adds: Bool = false,
        rowCount: Int,
        epsilon: Float,
        next: MatmulEpilogue.Norm? = nil
    ) throws(VulkanError) {
        precondition(
            x.columns == y.columns && weight.byteCount >= 4 * x.columns
                && rowCount <= y.rowCapacity && (rowIndices != nil || rowCount <= x.rowCapacity)
                && (next.map { $0.output.columns == y.columns && rowCount <= $0.output.rowCapacity }
                    ?? true),
            "rms_norm: \(rowCount) rows of \(x.columns) columns into \(y.columns)"
        )
        let switches: [UInt32] = [rowIndices != nil, adds, next != nil].map { $0 ? 1 : 0 }
        let pipeline =
            switch library.family {
            case .cpu:
                try library.pipeline(
                    .rms_norm_subgroup,
                    workgroupSize: library.subgroupSize,
                    constants: switches
                )
            case .gpu:
                try library.pipeline(
                    .rms_norm_workgroup,
                    workgroupSize: library.rowWorkgroupSize,
                    constants: switches
                )
            }
        recording.dispatch(
            pipeline,
            RMSNormParams(
                x: x.slice.address,
                weight: weight.address,
                rowIndices: rowIndices?.address ?? 0,
                y: y.slice.address,
                nextWeight: next?.weight.address ?? 0,
                normed: next?.output.slice.address ?? 0,
                columns: UInt32(x.columns),
                epsilon: epsilon
            ),
            groups: Workgroups(rowCount),
            reads: [rowIndices == nil ? x.leading(rowCount) : x.slice, weight]
                + [rowIndices, next?.weight].compactMap { $0 },
            writes: [y.leading(rowCount)] + (next.map { [$0.output.leading(rowCount)] } ?? [])
        )
    }
}

extension KernelLibrary {
    /// Invocations that share a row where a row is a workgroup's work: a few subgroups, enough to
    /// hide the latency of memory.
    var rowWorkgroupSize: Int { max(256, subgroupSize) }
}
