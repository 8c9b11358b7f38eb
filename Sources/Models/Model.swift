import Checkpoints
import Kernels
import Vulkan

/// An architecture: its weights on the device and the kernels of a step.
protocol Model {
    /// The checkpoint's word for it, in `general.architecture`.
    static var architecture: String { get }

    var configuration: ModelConfiguration { get }
    var shape: AttentionShape { get }

    /// Loads the weights.
    /// - Parameter maxLength: the most positions a sequence will have.
    init(
        _ loader: WeightLoader,
        _ configuration: ModelConfiguration,
        blockSize: Int,
        kvFormat: KVFormat,
        maxLength: Int
    ) throws

    /// Records a step: from token ids to the logits of `logitsRows`.
    func record(into recorder: inout KernelRecorder, _ step: ModelStep) throws(VulkanError)

    /// Records the logits of further rows of the residual stream, as the last step left it.
    func recordLogits(
        into recorder: inout KernelRecorder,
        _ step: ModelStep,
        rows: BufferSlice,
        rowCount: Int
    ) throws(VulkanError)
}

/// What a model's kernels read and write in one step.
struct ModelStep {
    let inputs: StepInputs
    let activations: Activations
    let cache: KVCache
    /// uint[], what the step before sampled.
    let previousSamples: BufferSlice
}

/// The architectures there are.
public enum Architectures {
    static var all: [any Model.Type] { [Llama.self] }

    /// Their names, for messages and tables.
    public static var names: [String] { all.map { $0.architecture } }

    static func named(_ name: String, file: String) throws(ModelError) -> any Model.Type {
        guard let model = all.first(where: { $0.architecture == name }) else {
            throw .unsupportedArchitecture(file: file, name: name, supported: names)
        }
        return model
    }
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
