import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[t][i] = silu(gateUp[t][i]) * gateUp[t][columns + i]
    /// - Parameters:
    ///   - gateUp: [tokenCount, 2 * columns].
    ///   - y: [tokenCount, columns].
    public mutating func siluMul(
        _ gateUp: ActivationMatrix,
        into y: ActivationMatrix,
        tokenCount: Int
    ) throws(VulkanError) {
        precondition(
            gateUp.columns == 2 * y.columns && y.columns % 4 == 0
                && tokenCount <= min(y.rowCapacity, gateUp.rowCapacity),
            "silu_mul: \(gateUp.columns) columns into \(y.columns)"
        )
        let workgroupSize = max(64, library.subgroupSize)
        let pipeline = try library.pipeline(.silu_mul, workgroupSize: workgroupSize)
        recording.dispatch(
            pipeline,
            SiLUMulParams(
                gateUp: gateUp.slice.address,
                y: y.slice.address,
                columns: UInt32(y.columns),
                tokenCount: UInt32(tokenCount)
            ),
            groups: Workgroups(groups(y.columns / 4, of: workgroupSize), tokenCount),
            reads: [gateUp.leading(tokenCount)],
            writes: [y.leading(tokenCount)]
        )
    }
}
