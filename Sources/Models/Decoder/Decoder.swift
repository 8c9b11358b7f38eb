import Kernels
import Vulkan

/// A decoder's weights on the device, and the kernels of a step: an `Architecture` says what it is
/// made of.
struct Decoder {
    let configuration: ModelConfiguration
    /// What the attention of all layers has in common: all but the window.
    let shape: AttentionShape
    private let embedding: WeightMatrix
    private let embeddingScale: Float
    private let layers: [Layer]
    private let outputNorm: BufferSlice
    private let output: WeightMatrix

    private struct Layer {
        let attentionNorm: BufferSlice
        let attention: Attention
        let attentionPostNorm: BufferSlice?
        let feedForwardNorm: BufferSlice
        let feedForward: FeedForward
        let feedForwardPostNorm: BufferSlice?
    }

    /// Loads the weights.
    /// - Parameter maxLength: the most positions a sequence will have.
    init(
        _ loader: WeightLoader,
        _ configuration: ModelConfiguration,
        _ architecture: Architecture,
        blockSize: Int,
        kvFormat: KVFormat,
        maxLength: Int
    ) throws {
        let c = configuration
        self.configuration = c
        let shape = AttentionShape(
            headCount: c.headCount,
            kvHeadCount: c.kvHeadCount,
            headSize: c.headSize,
            rotatedSize: c.rotary.rotatedSize,
            isNeoX: loader.convention == .hub || !architecture.rotatesNeighboursInGGUF,
            blockSize: blockSize,
            kvFormat: kvFormat
        )
        self.shape = shape
        embedding = try loader.matrix(
            "token_embd.weight",
            rows: c.vocabularySize,
            columns: c.hiddenSize
        )
        embeddingScale = architecture.scalesEmbedding ? Float(c.hiddenSize).squareRoot() : 1
        let rotations = try Rotations(loader, c, maxLength: maxLength)
        layers = try (0..<c.layerCount).map { index in
            let prefix = "blk.\(index)."
            func norm(_ name: String) throws -> BufferSlice {
                try loader.norm("\(prefix)\(name).weight", count: c.hiddenSize)
            }
            var layerShape = shape
            if c.slides[index] { layerShape.window = c.slidingWindow }
            return Layer(
                attentionNorm: try norm("attn_norm"),
                attention: try Attention(
                    loader,
                    c,
                    architecture,
                    prefix: prefix,
                    shape: layerShape,
                    rotations: c.slides[index] ? rotations.sliding : rotations.all
                ),
                attentionPostNorm: architecture.hasPostNorms
                    ? try norm("post_attention_norm") : nil,
                feedForwardNorm: try norm("ffn_norm"),
                feedForward: try FeedForward(loader, c, architecture, prefix: prefix),
                feedForwardPostNorm: architecture.hasPostNorms ? try norm("post_ffw_norm") : nil
            )
        }
        outputNorm = try loader.norm("output_norm.weight", count: c.hiddenSize)
        output =
            loader.has("output.weight")
            ? try loader.matrix("output.weight", rows: c.vocabularySize, columns: c.hiddenSize)
            : embedding
    }

    /// Records a step: from token ids to the logits of `logitsRows`.
    func record(into recorder: inout KernelRecorder, _ step: ModelStep) throws(VulkanError) {
        let a = step.activations
        let count = step.inputs.tokenCount
        try recorder.embed(
            embedding,
            tokens: step.inputs.tokens,
            sampled: step.previousSamples,
            into: a.hidden,
            tokenCount: count,
            scale: embeddingScale
        )
        try recorder.rmsNorm(
            a.hidden,
            weight: layers[0].attentionNorm,
            into: a.normed,
            rowCount: count,
            epsilon: configuration.normEpsilon
        )
        for (index, layer) in layers.enumerated() {
            let next = index + 1 < layers.count ? layers[index + 1].attentionNorm : nil
            try layer.attention.record(
                into: &recorder,
                step,
                layer: index,
                residual(layer.attentionPostNorm, next: layer.feedForwardNorm)
            )
            try layer.feedForward.record(
                into: &recorder,
                step,
                residual(layer.feedForwardPostNorm, next: next)
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

    private func residual(_ postNorm: BufferSlice?, next: BufferSlice?) -> Residual {
        Residual(postNorm: postNorm, nextNorm: next, epsilon: configuration.normEpsilon)
    }

    /// Records the logits of further rows of the residual stream, as the last step left it.
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

/// RoPE's cosines and sines of every position.
private struct Rotations {
    /// Of layers that see everything.
    let all: BufferSlice
    /// Of layers that slide.
    let sliding: BufferSlice

    init(_ loader: WeightLoader, _ configuration: ModelConfiguration, maxLength: Int) throws {
        let rotary = configuration.rotary
        let name = "rope_freqs.weight"
        let divisors =
            loader.has(name) ? try loader.values(name, count: rotary.rotatedSize / 2) : nil
        all = try loader.upload(
            rotary.table(positionCount: maxLength, divisors: divisors),
            label: "rotations"
        )
        guard let rotary = configuration.slidingRotary else {
            sliding = all
            return
        }
        sliding = try loader.upload(
            rotary.table(positionCount: maxLength, divisors: nil),
            label: "sliding rotations"
        )
    }
}
