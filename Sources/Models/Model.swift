import Checkpoints
import Kernels
import Vulkan

/// What a model's kernels read and write in one step.
struct ModelStep {
    let inputs: StepInputs
    let activations: Activations
    let cache: KVCache
    /// uint[], what the step before sampled.
    let previousSamples: BufferSlice
}

extension KernelRecorder {
    /// y = W x + bias for matrices whose outputs stand side by side.
    /// - Parameter bias: float[rows of all].
    mutating func matmul(
        _ weights: StackedMatrix,
        _ x: ActivationMatrix,
        into y: ActivationMatrix,
        bias: BufferSlice? = nil,
        tokenCount: Int
    ) throws(VulkanError) {
        for part in weights.parts {
            let own = bias?.slice(at: 4 * part.firstRow, byteCount: 4 * part.matrix.rows)
            try matmul(
                part.matrix,
                x,
                into: y,
                column: part.firstRow,
                MatmulEpilogue(bias: own),
                tokenCount: tokenCount
            )
        }
    }

    /// act(gate x) * (up x), from `x` to `activated`: in one product where gate and up have one
    /// format, else apart.
    mutating func gatedMatmul(
        _ gateUp: StackedMatrix,
        _ x: ActivationMatrix,
        _ activation: MatmulEpilogue.Activation,
        _ a: Activations,
        tokenCount: Int
    ) throws(VulkanError) {
        if let both = gateUp.parts.first, gateUp.parts.count == 1 {
            let epilogue = MatmulEpilogue(activation: activation)
            try matmul(both.matrix, x, into: a.activated, epilogue, tokenCount: tokenCount)
        } else {
            try matmul(gateUp, x, into: a.gateUp, tokenCount: tokenCount)
            try gatedActivation(a.gateUp, activation, into: a.activated, tokenCount: tokenCount)
        }
    }

    /// Normalises where there are norms, rotates, writes the cache and attends: from `qkv` to
    /// `attention`.
    /// - Parameters:
    ///   - shape: the layer's own, whose window and cap may differ from other layers'.
    ///   - norms: of each head's query and key.
    ///   - sinks: float[headCount].
    mutating func attention(
        _ step: ModelStep,
        layer: Int,
        shape: AttentionShape,
        norms: HeadNorms? = nil,
        rotations: BufferSlice,
        scale: Float,
        sinks: BufferSlice? = nil
    ) throws(VulkanError) {
        let a = step.activations
        let inputs = step.inputs
        try ropeKVWrite(
            a.qkv,
            norms: norms,
            positions: inputs.positions,
            slotMapping: inputs.slotMapping,
            rotations: rotations,
            cache: step.cache.layers[layer],
            shape: shape,
            tokenCount: inputs.tokenCount
        )
        try pagedAttention(
            a.qkv,
            AttentionBatch(
                inputs.plan,
                inputs.tiling,
                tiles: inputs.tiles,
                blockTables: inputs.blockTables,
                positions: inputs.positions,
                partials: a.attentionPartials
            ),
            cache: step.cache.layers[layer],
            shape: shape,
            scale: scale,
            sinks: sinks,
            into: a.attention,
            tokenCount: inputs.tokenCount
        )
    }
}
