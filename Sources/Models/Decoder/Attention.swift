import Kernels
import Vulkan

/// The first half of a layer: what tokens take from those before them.
struct Attention {
    let shape: AttentionShape
    /// What scores are multiplied by.
    let scale: Float
    /// float[position][rotatedSize / 2][2].
    let rotations: BufferSlice
    /// Queries, keys and values, and float[qkvColumns].
    private let qkv: StackedMatrix
    private let bias: BufferSlice?
    private let norms: HeadNorms?
    /// float[headCount].
    private let sinks: BufferSlice?
    private let output: WeightMatrix
    private let outputBias: BufferSlice?

    /// - Parameters:
    ///   - prefix: what the layer's tensors' names begin with.
    ///   - shape: the layer's own, window and all.
    init(
        _ loader: WeightLoader,
        _ configuration: ModelConfiguration,
        _ architecture: Architecture,
        prefix: String,
        shape: AttentionShape,
        rotations: BufferSlice
    ) throws {
        let c = configuration
        self.shape = shape
        self.rotations = rotations
        scale = c.attentionScale
        let queryRows = shape.headCount * shape.headSize
        let kvRows = shape.kvHeadCount * shape.headSize
        let parts =
            architecture.isFused
            ? [("attn_qkv", shape.qkvColumns)]
            : [("attn_q", queryRows), ("attn_k", kvRows), ("attn_v", kvRows)]
        qkv = try loader.stacked(
            parts.map { ("\(prefix)\($0.0).weight", $0.1) },
            columns: c.hiddenSize
        )
        bias =
            architecture.hasBias
            ? try loader.vector(parts.map { ("\(prefix)\($0.0).bias", $0.1) }) : nil
        norms =
            architecture.hasHeadNorms
            ? HeadNorms(
                query: try loader.norm("\(prefix)attn_q_norm.weight", count: shape.headSize),
                key: try loader.norm("\(prefix)attn_k_norm.weight", count: shape.headSize),
                epsilon: c.normEpsilon
            ) : nil
        output = try loader.matrix(
            "\(prefix)attn_output.weight",
            rows: c.hiddenSize,
            columns: queryRows
        )
        outputBias =
            architecture.hasOutputBias
            ? try loader.vector("\(prefix)attn_output.bias", count: c.hiddenSize) : nil
        sinks =
            architecture.hasSinks
            ? try loader.vector("\(prefix)attn_sinks.weight", count: shape.headCount) : nil
    }

    /// Records it: from `normed` to the residual stream.
    func record(
        into recorder: inout KernelRecorder,
        _ step: ModelStep,
        layer: Int,
        _ residual: Residual
    ) throws(VulkanError) {
        let a = step.activations
        try recorder.matmul(
            qkv,
            a.normed,
            into: a.qkv,
            bias: bias,
            tokenCount: step.inputs.tokenCount
        )
        try recorder.adapt(step, layer: layer, .attentionInput, a.normed, into: a.qkv)
        try recorder.attention(
            step,
            layer: layer,
            shape: shape,
            norms: norms,
            rotations: rotations,
            scale: scale,
            sinks: sinks
        )
        try recorder.add(
            output,
            a.attention,
            bias: outputBias,
            to: residual,
            step,
            AdaptedSum(layer: layer, place: .attentionOutput)
        )
    }
}
