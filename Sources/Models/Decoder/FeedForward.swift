import Kernels
import Vulkan

/// The second half of a layer: a gated network over each token alone (Shazeer 2020).
struct FeedForward {
    private let gateUp: StackedMatrix
    private let activation: MatmulEpilogue.Activation
    private let down: WeightMatrix

    /// - Parameter prefix: what the layer's tensors' names begin with.
    init(
        _ loader: WeightLoader,
        _ configuration: ModelConfiguration,
        _ architecture: Architecture,
        prefix: String
    ) throws {
        let c = configuration
        let parts =
            architecture.isFused
            ? [("ffn_up", 2 * c.intermediateSize)]
            : [("ffn_gate", c.intermediateSize), ("ffn_up", c.intermediateSize)]
        gateUp = try loader.stacked(
            parts.map { ("\(prefix)\($0.0).weight", $0.1) },
            columns: c.hiddenSize
        )
        activation = architecture.activation
        down = try loader.matrix(
            "\(prefix)ffn_down.weight",
            rows: c.hiddenSize,
            columns: c.intermediateSize
        )
    }

    /// Records it: from `normed` to the residual stream.
    func record(
        into recorder: inout KernelRecorder,
        _ step: ModelStep,
        layer: Int,
        _ residual: Residual
    ) throws(VulkanError) {
        let a = step.activations
        let count = step.inputs.tokenCount
        if step.adapters?.stack(layer: layer, .feedForwardInput) == nil {
            try recorder.gatedMatmul(gateUp, a.normed, activation, a, tokenCount: count)
        } else {
            // The change comes before the activation, which is then a kernel of its own.
            try recorder.matmul(gateUp, a.normed, into: a.gateUp, tokenCount: count)
            try recorder.adapt(step, layer: layer, .feedForwardInput, a.normed, into: a.gateUp)
            try recorder.gatedActivation(a.gateUp, activation, into: a.activated, tokenCount: count)
        }
        try recorder.add(
            down,
            a.activated,
            to: residual,
            step,
            AdaptedSum(layer: layer, place: .feedForwardOutput)
        )
    }
}
