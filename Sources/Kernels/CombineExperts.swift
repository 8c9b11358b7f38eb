import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[t] += sum over the token's experts of their share * x[pair].
    /// - Parameters:
    ///   - x: [pairs, columns].
    ///   - y: [tokenCount, columns].
    public mutating func combineExperts(
        _ x: ActivationMatrix,
        _ routing: ExpertRouting,
        into y: ActivationMatrix,
        tokenCount: Int
    ) throws(VulkanError) {
        let pairCount = tokenCount * routing.chosenCount
        precondition(
            x.columns == y.columns && y.columns % 4 == 0 && pairCount <= x.rowCapacity
                && tokenCount <= min(y.rowCapacity, routing.tokenCapacity),
            "combine_experts: \(pairCount) rows of \(x.columns) into \(tokenCount) of \(y.columns)"
        )
        let workgroupSize = max(64, library.subgroupSize)
        recording.dispatch(
            try library.pipeline(.combine_experts, workgroupSize: workgroupSize),
            CombineExpertsParams(
                x: x.slice.address,
                shares: routing.shares.address,
                y: y.slice.address,
                columns: UInt32(y.columns),
                chosenCount: UInt32(routing.chosenCount)
            ),
            groups: Workgroups(groups(y.columns / 4, of: workgroupSize), tokenCount),
            reads: [x.leading(pairCount), routing.leading(routing.shares, tokenCount)],
            writes: [y.leading(tokenCount)]
        )
    }
}
