import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// y[t][column + r] += sum over j of b[r][j] * h[i][m][j] for the i-th of the tokens t that
    /// have an adapter, b being that adapter's factor for matrix m.
    /// - Parameters:
    ///   - h: what `loraShrink` gave.
    ///   - y: [tokens of the step, at least the rows of all matrices].
    ///   - weights: where the factors are.
    public mutating func loraExpand(
        _ stack: LoRAStack,
        _ h: ActivationMatrix,
        _ step: LoRAStep,
        into y: ActivationMatrix,
        weights: [BufferSlice]
    ) throws(VulkanError) {
        precondition(
            h.columns >= stack.hiddenColumns && step.tokenCount <= h.rowCapacity
                && step.tokenCount <= y.rowCapacity
                && stack.rowCounts.reduce(0, +) <= y.columns && step.tileCount > 0,
            "lora_expand: [\(step.tokenCount), \(h.columns)] into [\(y.rowCapacity), "
                + "\(y.columns)]"
        )
        let rows = stack.rowCounts.max() ?? 0
        let rowsPerGroup: Int
        let pipeline: Pipeline
        switch library.family {
        case .cpu:
            let groupCount = 4
            rowsPerGroup = LoRAStack.rowGranularity * groupCount
            pipeline = try library.pipeline(
                .lora_expand_cpu,
                workgroupSize: LoRAStack.rowGranularity,
                step.tileTokens,
                UInt32(groupCount)
            )
        case .gpu:
            rowsPerGroup = max(64, library.subgroupSize)
            pipeline = try library.pipeline(
                .lora_expand_gpu,
                workgroupSize: rowsPerGroup,
                step.tileTokens
            )
        }
        recording.dispatch(
            pipeline,
            LoRAExpandParams(
                h: h.slice.address,
                factors: stack.factors.address,
                tiles: step.tiles.address,
                tokens: step.tokens.address,
                y: y.slice.address,
                yStride: UInt32(y.columns),
                slotCount: UInt32(stack.slotCount),
                hStride: UInt32(h.columns),
                maxRank: UInt32(stack.maxRank)
            ),
            groups: Workgroups(
                groups(rows, of: rowsPerGroup),
                step.tileCount,
                stack.rowCounts.count
            ),
            reads: [h.leading(step.tokenCount), stack.factors, step.tiles, step.tokens] + weights,
            writes: [y.slice]
        )
    }
}
