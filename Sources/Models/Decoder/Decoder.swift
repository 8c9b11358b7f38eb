import Kernels
import Vulkan

/// A decoder's weights on the device, and the kernels of a step: an `Architecture` says what it is
/// made of. Of a model on several devices it is a run of the layers, with the embedding before the
/// first and the output after the last.
struct Decoder {
    let configuration: ModelConfiguration
    /// What the attention of all layers has in common: all but the window.
    let shape: AttentionShape
    /// Which of the model's layers are here.
    let layerRange: Range<Int>
    private let embedding: WeightMatrix?
    private let embeddingScale: Float
    private let layers: [Layer]
    /// The first norm of the layer after these.
    private let nextNorm: BufferSlice?
    private let output: Output?

    private struct Layer {
        let attentionNorm: BufferSlice
        let attention: Attention
        let attentionPostNorm: BufferSlice?
        let feedForwardNorm: BufferSlice
        let network: Network
        let feedForwardPostNorm: BufferSlice?
    }

    /// What follows the last layer.
    private struct Output {
        let norm: BufferSlice
        let matrix: WeightMatrix
    }

    /// The second half of a layer.
    private enum Network {
        case feedForward(FeedForward)
        case mixture(Mixture)
    }

    /// Loads the weights.
    /// - Parameters:
    ///   - shape: what the attention of all layers has in common.
    ///   - layerRange: the layers to load.
    ///   - maxLength: the most positions a sequence will have.
    init(
        _ loader: WeightLoader,
        _ configuration: ModelConfiguration,
        _ architecture: Architecture,
        shape: AttentionShape,
        layers layerRange: Range<Int>,
        maxLength: Int
    ) throws {
        let c = configuration
        self.configuration = c
        self.shape = shape
        self.layerRange = layerRange
        func vocabulary(_ name: String) throws -> WeightMatrix {
            try loader.matrix(name, rows: c.vocabularySize, columns: c.hiddenSize)
        }
        let isLast = layerRange.upperBound == c.layerCount
        embedding = layerRange.lowerBound == 0 ? try vocabulary("token_embd.weight") : nil
        embeddingScale = architecture.scalesEmbedding ? Float(c.hiddenSize).squareRoot() : 1
        let rotations = try Rotations(loader, c, maxLength: maxLength)
        layers = try layerRange.map { index in
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
        guard isLast else {
            output = nil
            nextNorm = try loader.norm(
                "blk.\(layerRange.upperBound).attn_norm.weight",
                count: c.hiddenSize
            )
            return
        }
        nextNorm = nil
        let norm = try loader.norm("output_norm.weight", count: c.hiddenSize)
        // Without an output matrix the embedding serves, which may be on another device.
        let matrix =
            if loader.has("output.weight") {
                try vocabulary("output.weight")
            } else {
                try embedding ?? vocabulary("token_embd.weight")
            }
        output = Output(norm: norm, matrix: matrix)
    }

    /// Whether the last layer is here.
    var hasOutput: Bool { output != nil }

    /// Records a step: from token ids to the logits of `logitsRows`, or the part of the way that
    /// these layers are.
    func record(into recorder: inout KernelRecorder, _ step: ModelStep) throws(VulkanError) {
        let count = step.inputs.tokenCount
        try recordEntry(into: &recorder, step)
        for (index, layer) in layers.enumerated() {
            let next = index + 1 < layers.count ? layers[index + 1].attentionNorm : nextNorm
            try layer.attention.record(
                into: &recorder,
                step,
                layer: index,
                residual(layer.attentionPostNorm, next: layer.feedForwardNorm)
            )
            let end = residual(layer.feedForwardPostNorm, next: next)
            switch layer.network {
            case .feedForward(let network):
                try network.record(into: &recorder, step, layer: index, end)
            case .mixture(let network): try network.record(into: &recorder, step, end)
            }
        }
        step.departure?.recordDeparture(
            of: step.activations,
            tokenCount: count,
            into: &recorder.recording
        )
        guard hasOutput, step.inputs.logitsRowCount > 0 else { return }
        try recordLogits(
            into: &recorder,
            step,
            rows: step.inputs.logitsRows,
            rowCount: step.inputs.logitsRowCount
        )
    }

    /// Records what brings the residual stream and its first norm here: the embedding, or the way
    /// from another device.
    private func recordEntry(
        into recorder: inout KernelRecorder,
        _ step: ModelStep
    ) throws(VulkanError) {
        let a = step.activations
        let count = step.inputs.tokenCount
        guard let embedding else {
            step.arrival?.recordArrival(in: a, tokenCount: count, into: &recorder.recording)
            return
        }
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
        guard let output else { preconditionFailure("logits of layers \(layerRange)") }
        try recorder.rmsNorm(
            a.hidden,
            weight: output.norm,
            rowIndices: rows,
            into: a.lastNormed,
            rowCount: rowCount,
            epsilon: configuration.normEpsilon
        )
        try recorder.matmul(output.matrix, a.lastNormed, into: a.logits, tokenCount: rowCount)
    }
}

extension AttentionShape {
    /// What the attention of all layers of a model has in common: all but the window.
    init(
        _ c: ModelConfiguration,
        _ architecture: Architecture,
        _ convention: CheckpointConvention,
        blockSize: Int,
        kvFormat: KVFormat
    ) {
        self.init(
            headCount: c.headCount,
            kvHeadCount: c.kvHeadCount,
            headSize: c.headSize,
            rotatedSize: c.rotary.rotatedSize,
            isNeoX: convention == .hub || !architecture.rotatesNeighboursInGGUF,
            blockSize: blockSize,
            kvFormat: kvFormat
        )
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
