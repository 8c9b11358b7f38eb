import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[i] = x[r] / rms(x[r]) * weight, where r is `rowIndices[i]`, or i without indices.
    /// - Parameters:
    ///   - weight: float[columns].
    ///   - rowIndices: uint[rowCount], rows of x.
    ///   - y: [rowCount, columns].
    public mutating func rmsNorm(
        _ x: ActivationMatrix,
        weight: BufferSlice,
        rowIndices: BufferSlice? = nil,
        into y: ActivationMatrix,
        rowCount: Int,
        epsilon: Float
    ) throws(VulkanError) {
        precondition(
            x.columns == y.columns && weight.byteCount >= 4 * x.columns
                && rowCount <= y.rowCapacity && (rowIndices != nil || rowCount <= x.rowCapacity),
            "rms_norm: \(rowCount) rows of \(x.columns) columns into \(y.columns)"
        )
        let gathers: UInt32 = rowIndices == nil ? 0 : 1
        let pipeline =
            switch library.family {
            case .cpu:
                try library.pipeline(
                    .rms_norm_subgroup,
                    workgroupSize: library.subgroupSize,
                    gathers
                )
            case .gpu:
                try library.pipeline(
                    .rms_norm_workgroup,
                    workgroupSize: library.rowWorkgroupSize,
                    gathers
                )
            }
        recording.dispatch(
            pipeline,
            RMSNormParams(
                x: x.slice.address,
                weight: weight.address,
                rowIndices: rowIndices?.address ?? 0,
                y: y.slice.address,
                columns: UInt32(x.columns),
                epsilon: epsilon
            ),
            groups: Workgroups(rowCount),
            reads: [rowIndices == nil ? x.leading(rowCount) : x.slice, weight]
                + (rowIndices.map { [$0] } ?? []),
            writes: [y.leading(rowCount)]
        )
    }
}

extension KernelLibrary {
    /// Invocations that share a row where a row is a workgroup's work: a few subgroups, enough to
    /// hide the latency of memory.
    var rowWorkgroupSize: Int { max(256, subgroupSize) }
}
