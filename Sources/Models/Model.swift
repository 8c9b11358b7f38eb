import Checkpoints
import Kernels
import Vulkan

/// What a model's kernels read and write in one step.
struct ModelStep {
    let inputs: StepInputs
    let activations: Activations
    let cache: KVCache
    /// uint[], what this step samples, where the last layer is.
    let samples: BufferSlice
    /// uint[], what the step before sampled, where the first or the last layer is.
    let previousSamples: BufferSlice
    /// From and to where the residual stream goes on, where these are not all layers.
    let arrival: Crossing?
    let departure: Crossing?
    /// The adapters of its tokens; nil if none has one.
    var adapters: AdapterStep?
}

extension KernelRecorder {
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
