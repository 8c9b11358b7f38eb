import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// Lists the pairs of each expert, for products that go by expert.
    public mutating func groupExperts(
        _ routing: ExpertRouting,
        tokenCount: Int
    ) throws(VulkanError) {
        precondition(
            (1...routing.tokenCapacity).contains(tokenCount),
            "group_experts: \(tokenCount) tokens of \(routing.tokenCapacity)"
        )
        let workgroupSize = library.subgroupSize
        recording.dispatch(
            try library.pipeline(.group_experts, workgroupSize: workgroupSize),
            GroupExpertsParams(
                experts: routing.experts.address,
                counts: routing.counts.address,
                lists: routing.lists.address,
                pairCount: UInt32(tokenCount * routing.chosenCount),
                expertCount: UInt32(routing.expertCount),
                listStride: UInt32(routing.tokenCapacity)
            ),
            groups: Workgroups(groups(routing.expertCount, of: workgroupSize)),
            reads: [routing.leading(routing.experts, tokenCount)],
            writes: [routing.counts, routing.lists]
        )
    }
}
