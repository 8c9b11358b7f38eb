import Kernels
import ShaderParams
import Vulkan

/// Where a step says which of its tokens have which adapter.
struct AdapterInputs {
    private let tiles: BufferSlice
    private let tokens: BufferSlice

    init(_ device: Device, _ limits: AdapterLimits, tokenCount: Int) throws(VulkanError) {
        let tileCount = LoRABatch.tileCapacity(tokenCount: tokenCount, slotCount: limits.count)
        tiles = try Buffer(
            device,
            byteCount: tileCount * MemoryLayout<LoRATile>.stride,
            use: .upload,
            label: "adapter tiles"
        ).whole
        tokens = try Buffer(
            device,
            byteCount: 4 * tokenCount,
            use: .upload,
            label: "adapter tokens"
        ).whole
    }

    /// Fills the buffers. The device must not be reading them.
    /// - Returns: nil if no token has an adapter.
    func write(_ batch: StepBatch, _ pool: AdapterPool) -> AdapterStep? {
        guard batch.runs.contains(where: { $0.adapter != nil }) else { return nil }
        var slots = [Int?](repeating: nil, count: batch.tokens.count)
        for run in batch.runs {
            for token in run.firstToken..<run.firstToken + run.tokenCount {
                slots[token] = run.adapter
            }
        }
        let lora = LoRABatch(slots: slots)
        tiles.write(lora.tiles)
        tokens.write(lora.tokens)
        return AdapterStep(
            pool: pool,
            slots: lora.slots,
            tokens: LoRAStep(lora, tiles: tiles, tokens: tokens),
            weights: pool.weights(slots: lora.slots)
        )
    }
}

/// The adapters of a step that has some.
struct AdapterStep {
    let pool: AdapterPool
    /// Of the adapters, ascending.
    let slots: [Int]
    let tokens: LoRAStep
    /// What holds their factors.
    let weights: [BufferSlice]

    /// What they change; nil if nothing.
    func stack(layer: Int, _ place: AdaptedPlace) -> LoRAStack? {
        pool.stack(layer: layer, place, slots: slots)
    }
}

extension KernelRecorder {
    /// y += b a x for the tokens of a step with adapters, if those change something here.
    /// - Returns: whether they do.
    @discardableResult
    mutating func adapt(
        _ step: ModelStep,
        layer: Int,
        _ place: AdaptedPlace,
        _ x: ActivationMatrix,
        into y: ActivationMatrix
    ) throws(VulkanError) -> Bool {
        guard let adapters = step.adapters, let stack = adapters.stack(layer: layer, place) else {
            return false
        }
        let (h, weights) = (adapters.pool.hidden, adapters.weights)
        try loraShrink(stack, x, adapters.tokens, into: h, weights: weights)
        try loraExpand(stack, h, adapters.tokens, into: y, weights: weights)
        return true
    }
}
