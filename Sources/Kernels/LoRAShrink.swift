import ShaderParams
public import Vulkan

extension KernelRecorder {
    /// h[i][m][j] = sum over k of a[j][k] * x[t][k] for the i-th of the tokens t that have an
    /// adapter, a being that adapter's factor for matrix m.
    /// - Parameters:
    ///   - x: [tokens of the step, columns].
    ///   - h: [tokens with an adapter, at least `stack.hiddenColumns`]; what is past an adapter's
    ///     rank stays as it is.
    ///   - weights: where the factors are.
    public mutating func loraShrink(
        _ stack: LoRAStack,
        _ x: ActivationMatrix,
        _ step: LoRAStep,
        into h: ActivationMatrix,
        weights: [BufferSlice]
    ) throws(VulkanError) {
        precondition(
            h.columns >= stack.hiddenColumns && step.tokenCount <= h.rowCapacity
                && h.columns % 4 == 0 && x.columns % 4 == 0 && step.tileCount > 0,
            "lora_shrink: \(step.tokenCount) rows of \(stack.hiddenColumns) into "
                + "[\(h.rowCapacity), \(h.columns)]"
        )
        let pipeline =
            switch library.family {
            case .cpu:
                try library.pipeline(
                    .lora_shrink_cpu,
                    workgroupSize: LoRAStack.rowGranularity,
                    step.tileTokens
                )
            case .gpu:
                try library.pipeline(.lora_shrink_gpu, workgroupSize: 256, step.tileTokens)
            }
        recording.dispatch(
            pipeline,
            LoRAShrinkParams(
                x: x.slice.address,
                factors: stack.factors.address,
                tiles: step.tiles.address,
                tokens: step.tokens.address,
                h: h.slice.address,
                columns: UInt32(x.columns),
                xStride: UInt32(x.columns),
                slotCount: UInt32(stack.slotCount),
                hStride: UInt32(h.columns),
                maxRank: UInt32(stack.maxRank)
            ),
            groups: Workgroups(
                stack.maxRank / LoRAStack.rowGranularity,
                step.tileCount,
                stack.rowCounts.count
            ),
            reads: [x.slice, stack.factors, step.tiles, step.tokens] + weights,
            writes: [h.leading(step.tokenCount)]
        )
    }
}
