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
        let network: Network
        let feedForwardPostNorm: BufferSlice?
    }

    /// The second half of a layer.
    private enum Network {
        case feedForward(FeedForward)
        case mixture(Mixture)
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
                feedForwardNorm: try norm(architecture.feedForwardNorm),
                network: architecture.isMixture
                    ? .mixture(try Mixture(loader, c, architecture, prefix: prefix))
                    : .feedForward(try FeedForward(loader, c, architecture, prefix: prefix)),
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
            let end = residual(layer.feedForwardPostNorm, next: next)
            switch layer.network {
            case .feedForward(let network): try network.record(into: &recorder, step, end)
            case .mixture(let network): try network.record(into: &recorder, step, end)
            }
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
        all = try loader.upload(
            rotary.table(
                positionCount: maxLength,
                divisors: try Self.divisors(loader, rotary, maxLength: maxLength)
            ),
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

    /// What each pair's frequency is divided by, where the checkpoint says so. Of LongRoPE's two
    /// the length decides, and once for all: keys in the cache cannot be turned again.
    private static func divisors(
        _ loader: WeightLoader,
        _ rotary: RotaryConfiguration,
        maxLength: Int
    ) throws -> [Float]? {
        let count = rotary.rotatedSize / 2
        if case .longrope(let original, _) = rotary.scaling {
            let short = try loader.values("rope_factors_short.weight", count: count)
            let long = try loader.values("rope_factors_long.weight", count: count)
            return maxLength > original ? long : short
        }
        let name = "rope_freqs.weight"
        return loader.has(name) ? try loader.values(name, count: count) : nil
    }
}
