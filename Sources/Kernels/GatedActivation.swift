import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[t][i] = act(gateUp[t][i]) * gateUp[t][columns + i]
    /// - Parameters:
    ///   - gateUp: [tokenCount, 2 * columns].
    ///   - activation: any but none.
    ///   - y: [tokenCount, columns].
    public mutating func gatedActivation(
        _ gateUp: ActivationMatrix,
        _ activation: MatmulEpilogue.Activation,
        into y: ActivationMatrix,
        tokenCount: Int
    ) throws(VulkanError) {
        precondition(
            activation != .none && gateUp.columns == 2 * y.columns && y.columns % 4 == 0
                && tokenCount <= min(y.rowCapacity, gateUp.rowCapacity),
            "gated_activation: \(activation) of \(gateUp.columns) columns into \(y.columns)"
        )
        let workgroupSize = max(64, library.subgroupSize)
        let pipeline = try library.pipeline(
            .gated_activation,
            workgroupSize: workgroupSize,
            activation.rawValue
        )
        recording.dispatch(
            pipeline,
            GatedActivationParams(
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
