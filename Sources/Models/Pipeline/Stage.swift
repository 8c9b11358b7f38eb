import Kernels
import Vulkan

/// A run of a model's layers on a device of its own: their weights, keys and values, and all that
/// steps need there. A model on one device is one stage.
final class Stage {
    let library: KernelLibrary
    let submitter: Submitter
    let decoder: Decoder
    let activations: Activations
    private(set) var cache: KVCache
    /// Of each step on its way.
    var inputs: [StepInputs] = []
    /// For each step on its way what it sampled, uint[sequences]: written by the last stage's
    /// device, and brought to the first's by the host. As many behind them are for what a draft
    /// model guesses for the step after it.
    private(set) var samples: [BufferSlice] = []
    /// How each step on its way comes here; none for the first stage.
    private(set) var crossings: [Crossing] = []

    /// - Parameter before: the stage whose hidden states this one goes on with.
    init(
        _ layers: LoadedLayers,
        blockCount: Int,
        limits: StepLimits,
        before: Stage?
    ) throws(VulkanError) {
        library = layers.library
        decoder = layers.decoder
        activations = layers.activations
        let device = library.device
        cache = try KVCache(
            device,
            shape: decoder.shape,
            layerCount: decoder.layerRange.count,
            blockCount: blockCount
        )
        submitter = try Submitter(device)
        let tiling = library.attentionTiling(
            decoder.shape,
            partialRowCapacity: limits.partialRowCapacity(decoder.shape)
        )
        for _ in 0..<ModelRunner.depth {
            inputs.append(try StepInputs(device, limits: limits, tiling: tiling))
            let buffer = try Buffer(
                device,
                byteCount: 2 * 4 * limits.sequenceCount,
                use: decoder.hasOutput ? .readback : .upload,
                label: "samples"
            )
            samples.append(buffer.whole)
            guard let before else { continue }
            crossings.append(
                try Crossing(
                    from: before.library.device,
                    to: device,
                    decoder.configuration,
                    limits: limits
                )
            )
        }
    }

    /// Makes the KV cache anew.
    func allocateCache(blockCount: Int) throws(VulkanError) {
        cache = try KVCache(
            library.device,
            shape: decoder.shape,
            layerCount: decoder.layerRange.count,
            blockCount: blockCount
        )
    }

    /// What the kernels of a step read and write here.
    /// - Parameters:
    ///   - index: which of the steps on their way.
    ///   - next: the stage that goes on with it.
    func step(_ index: Int, next: Stage?) -> ModelStep {
        ModelStep(
            inputs: inputs[index],
            activations: activations,
            cache: cache,
            samples: samples[index],
            previousSamples: samples[(index + ModelRunner.depth - 1) % ModelRunner.depth],
            arrival: crossings.isEmpty ? nil : crossings[index],
            departure: next?.crossings[index]
        )
    }
}
