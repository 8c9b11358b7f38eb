import Kernels
import Vulkan

/// The matrices a step computes in, shared by all layers and all steps: steps run in order.
struct Activations {
    /// The residual stream: [tokens, hidden].
    let hidden: ActivationMatrix
    let normed: ActivationMatrix
    let qkv: ActivationMatrix
    let attention: ActivationMatrix
    /// Of attention to long contexts: AttentionTiling's rows of partial results.
    let attentionPartials: BufferSlice
    let gateUp: ActivationMatrix
    let activated: ActivationMatrix
    /// Of mixtures of experts, in the place of the two above; nil: there are none.
    let experts: ExpertActivations?
    /// Of the last layers' device.
    private let output: OutputActivations?

    /// - Parameter hasOutput: whether logits are computed here.
    init(
        _ device: Device,
        _ configuration: ModelConfiguration,
        shape: AttentionShape,
        limits: StepLimits,
        hasOutput: Bool = true
    ) throws(VulkanError) {
        func make(_ rows: Int, _ columns: Int, _ label: String) throws(VulkanError)
            -> ActivationMatrix
        {
            try ActivationMatrix(device, rows: rows, columns: columns, label: label)
        }
        let tokens = limits.tokenCount
        hidden = try make(tokens, configuration.hiddenSize, "hidden")
        normed = try make(tokens, configuration.hiddenSize, "normed")
        qkv = try make(tokens, shape.qkvColumns, "qkv")
        attention = try make(tokens, shape.headCount * shape.headSize, "attention")
        attentionPartials = try Buffer(
            device,
            byteCount: limits.partialByteCount(shape),
            use: .device,
            label: "attention partials"
        ).whole
        let inner = configuration.feedForwardSize
        gateUp = try make(tokens, 2 * inner, "gate up")
        activated = try make(tokens, inner, "activated")
        experts = try configuration.experts.map { experts throws(VulkanError) in
            try ExpertActivations(
                device,
                experts,
                hiddenSize: configuration.hiddenSize,
                tokenCount: tokens
            )
        }
        output = hasOutput ? try OutputActivations(device, configuration, limits) : nil
    }

    /// Bytes these will take, for sizing the KV cache before they exist.
    static func byteCount(
        _ configuration: ModelConfiguration,
        shape: AttentionShape,
        limits: StepLimits,
        hasOutput: Bool = true
    ) -> Int {
        let perToken =
            2 * configuration.hiddenSize + shape.qkvColumns + shape.headCount * shape.headSize
            + 3 * configuration.feedForwardSize
        let perSequence =
            hasOutput ? configuration.hiddenSize + 2 * configuration.vocabularySize : 0
        return 4 * (perToken * (limits.tokenCount + 16) + perSequence * (limits.sequenceCount + 16))
            + limits.partialByteCount(shape)
            + (configuration.experts.map {
                ExpertActivations.byteCount(
                    $0,
                    hiddenSize: configuration.hiddenSize,
                    tokenCount: limits.tokenCount
                )
            } ?? 0)
    }
}

/// What logits are computed in.
struct OutputActivations {
    /// [logits rows, hidden] and [logits rows, vocabulary].
    let lastNormed: ActivationMatrix
    let logits: ActivationMatrix
    /// [samples, vocabulary]: logits changed for the samples whose requests have rules for them.
    /// Apart from the logits, because logprobs are those of the raw ones.
    let edited: ActivationMatrix

    init(
        _ device: Device,
        _ configuration: ModelConfiguration,
        _ limits: StepLimits
    ) throws(VulkanError) {
        func make(_ columns: Int, _ label: String) throws(VulkanError) -> ActivationMatrix {
            try ActivationMatrix(
                device,
                rows: limits.sequenceCount,
                columns: columns,
                label: label
            )
        }
        lastNormed = try make(configuration.hiddenSize, "last normed")
        logits = try make(configuration.vocabularySize, "logits")
        edited = try make(configuration.vocabularySize, "edited logits")
    }
}

extension Activations {
    var lastNormed: ActivationMatrix { outputOrNone.lastNormed }
    var logits: ActivationMatrix { outputOrNone.logits }
    var edited: ActivationMatrix { outputOrNone.edited }

    private var outputOrNone: OutputActivations {
        guard let output else { preconditionFailure("logits on a device without the last layer") }
        return output
    }
}

/// What mixtures of experts compute in. A pair is a token with one of its experts.
struct ExpertActivations {
    /// [tokens, experts].
    let logits: ActivationMatrix
    let routing: ExpertRouting
    /// [pairs, intermediate].
    let activated: ActivationMatrix
    /// [pairs, hidden].
    let results: ActivationMatrix

    init(
        _ device: Device,
        _ experts: ExpertsConfiguration,
        hiddenSize: Int,
        tokenCount: Int
    ) throws(VulkanError) {
        let pairs = tokenCount * experts.usedCount
        logits = try ActivationMatrix(
            device,
            rows: tokenCount,
            columns: experts.count,
            label: "router logits"
        )
        routing = try ExpertRouting(
            device,
            expertCount: experts.count,
            chosenCount: experts.usedCount,
            tokenCapacity: tokenCount
        )
        activated = try ActivationMatrix(
            device,
            rows: pairs,
            columns: experts.intermediateSize,
            label: "activated by experts"
        )
        results = try ActivationMatrix(
            device,
            rows: pairs,
            columns: hiddenSize,
            label: "results of experts"
        )
    }

    /// Bytes these will take.
    static func byteCount(
        _ experts: ExpertsConfiguration,
        hiddenSize: Int,
        tokenCount: Int
    ) -> Int {
        let pairs = tokenCount * experts.usedCount + 16
        return 4 * ((tokenCount + 16) * experts.count)
            + 4 * pairs * (experts.intermediateSize + hiddenSize)
            + ExpertRouting.byteCount(
                expertCount: experts.count,
                chosenCount: experts.usedCount,
                tokenCapacity: tokenCount
            )
    }
}
