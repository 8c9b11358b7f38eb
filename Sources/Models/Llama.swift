import Checkpoints
import Kernels
import Vulkan

/// The llama architecture (Touvron et al. 2023): grouped-query attention with RoPE, RMSNorm before
/// each half of a layer, a SiLU-gated feed-forward network; the output matrix may be the embedding.
struct Llama: Model {
    static let architecture = "llama"

    let configuration: ModelConfiguration
    let shape: AttentionShape
    private let embedding: WeightMatrix
    private let layers: [Layer]
    private let outputNorm: BufferSlice
    private let output: WeightMatrix
    private let rotations: BufferSlice

    private struct Layer {
        let attentionNorm: BufferSlice
        let qkv: StackedMatrix
        let attentionOutput: WeightMatrix
        let feedForwardNorm: BufferSlice
        let gateUp: StackedMatrix
        let down: WeightMatrix
    }

    init(
        _ loader: WeightLoader,
        _ configuration: ModelConfiguration,
        blockSize: Int,
        kvFormat: KVFormat,
        maxLength: Int
    ) throws {
        self.configuration = configuration
        let c = configuration
        shape = AttentionShape(
            headCount: c.headCount,
            kvHeadCount: c.kvHeadCount,
            headSize: c.headSize,
            rotatedSize: c.rotary.rotatedSize,
            isNeoX: false,
            blockSize: blockSize,
            kvFormat: kvFormat
        )
        embedding = try loader.matrix(
            "token_embd.weight",
            rows: c.vocabularySize,
            columns: c.hiddenSize
        )
        let queryRows = c.headCount * c.headSize
        let kvRows = c.kvHeadCount * c.headSize
        layers = try (0..<c.layerCount).map { index in
            let name = { (part: String) in "blk.\(index).\(part).weight" }
            return Layer(
                attentionNorm: try loader.vector(name("attn_norm"), count: c.hiddenSize),
                qkv: try loader.stacked(
                    [
                        (name("attn_q"), queryRows), (name("attn_k"), kvRows),
                        (name("attn_v"), kvRows),
                    ],
                    columns: c.hiddenSize
                ),
                attentionOutput: try loader.matrix(
                    name("attn_output"),
                    rows: c.hiddenSize,
                    columns: queryRows
                ),
                feedForwardNorm: try loader.vector(name("ffn_norm"), count: c.hiddenSize),
                gateUp: try loader.stacked(
                    [
                        (name("ffn_gate"), c.intermediateSize),
                        (name("ffn_up"), c.intermediateSize),
                    ],
                    columns: c.hiddenSize
                ),
                down: try loader.matrix(
                    name("ffn_down"),
                    rows: c.hiddenSize,
                    columns: c.intermediateSize
                )
            )
        }
        outputNorm = try loader.vector("output_norm.weight", count: c.hiddenSize)
        output =
            loader.has("output.weight")
            ? try loader.matrix("output.weight", rows: c.vocabularySize, columns: c.hiddenSize)
            : embedding
        let divisors =
            loader.has("rope_freqs.weight")
            ? try loader.values("rope_freqs.weight", count: c.rotary.rotatedSize / 2) : nil
        rotations = try loader.upload(
            c.rotary.table(positionCount: maxLength, divisors: divisors),
            label: "rotations"
        )
    }

    func record(into recorder: inout KernelRecorder, _ step: ModelStep) throws(VulkanError) {
        let a = step.activations
        let count = step.inputs.tokenCount
        try recorder.embed(
            embedding,
            tokens: step.inputs.tokens,
            sampled: step.previousSamples,
            into: a.hidden,
            tokenCount: count
        )
        try recorder.rmsNorm(
            a.hidden,
            weight: layers[0].attentionNorm,
            into: a.normed,
            rowCount: count,
            epsilon: configuration.normEpsilon
        )
        for (index, layer) in layers.enumerated() {
            try recorder.matmul(layer.qkv, a.normed, into: a.qkv, tokenCount: count)
            try recorder.attention(
                step,
                layer: index,
                shape: shape,
                rotations: rotations,
                scale: 1 / Float(shape.headSize).squareRoot()
            )
            try recorder.matmul(
                layer.attentionOutput,
                a.attention,
                into: a.hidden,
                ontoResidual(a, norm: layer.feedForwardNorm),
                tokenCount: count
            )
            try recorder.gatedMatmul(layer.gateUp, a.normed, .siluMul, a, tokenCount: count)
            let next = index + 1 < layers.count ? layers[index + 1].attentionNorm : nil
            try recorder.matmul(
                layer.down,
                a.activated,
                into: a.hidden,
                ontoResidual(a, norm: next),
                tokenCount: count
            )
        }
        guard step.inputs.logitsRowCount > 0 else { return }
        try recordLogits(
            into: &recorder,
            step,
            rows: step.inputs.logitsRows,
            rowCount: step.inputs.logitsRowCount
        )
    }

    /// Adds to the residual stream, and normalises it for what comes next.
    private func ontoResidual(_ a: Activations, norm: BufferSlice?) -> MatmulEpilogue {
        MatmulEpilogue(
            residual: a.hidden,
            norm: norm.map {
                MatmulEpilogue.Norm(
                    weight: $0,
                    epsilon: configuration.normEpsilon,
                    output: a.normed
                )
            }
        )
    }

    func recordLogits(
        into recorder: inout KernelRecorder,
        _ step: ModelStep,
        rows: BufferSlice,
        rowCount: Int
    ) throws(VulkanError) {
        let a = step.activations
        try recorder.rmsNorm(
            a.hidden,
            weight: outputNorm,
            rowIndices: rows,
            into: a.lastNormed,
            rowCount: rowCount,
            epsilon: configuration.normEpsilon
        )
        try recorder.matmul(output, a.lastNormed, into: a.logits, tokenCount: rowCount)
    }
}
