import Kernels
import Vulkan

/// The second half of a layer where each token goes through a few of many gated networks (Shazeer
/// et al. 2017): a router chooses them, and what they give is added up by the router's shares.
struct Mixture {
    private let router: WeightMatrix
    /// float[experts].
    private let routerBias: BufferSlice?
    /// All experts' gates, then all experts' ups.
    private let gateUp: WeightMatrix
    private let gateUpBias: BufferSlice?
    private let down: WeightMatrix
    private let downBias: BufferSlice?
    private let activation: MatmulEpilogue.Activation
    private let renormalises: Bool

    /// - Parameter prefix: what the layer's tensors' names begin with.
    init(
        _ loader: WeightLoader,
        _ configuration: ModelConfiguration,
        _ architecture: Architecture,
        prefix: String
    ) throws {
        let c = configuration
        let experts = c.expertsOrNone
        let inner = experts.intermediateSize
        renormalises = experts.renormalises
        activation = architecture.activation
        router = try loader.matrix(
            "\(prefix)ffn_gate_inp.weight",
            rows: experts.count,
            columns: c.hiddenSize
        )
        gateUp = try loader.experts(
            [("\(prefix)ffn_gate", inner), ("\(prefix)ffn_up", inner)],
            count: experts.count,
            columns: c.hiddenSize
        )
        down = try loader.experts(
            [("\(prefix)ffn_down", c.hiddenSize)],
            count: experts.count,
            columns: inner
        )
        guard architecture.hasExpertBias else {
            (routerBias, gateUpBias, downBias) = (nil, nil, nil)
            return
        }
        routerBias = try loader.vector("\(prefix)ffn_gate_inp.bias", count: experts.count)
        gateUpBias = try loader.expertBiases(
            [("\(prefix)ffn_gate", inner), ("\(prefix)ffn_up", inner)],
            count: experts.count
        )
        downBias = try loader.expertBiases(
            [("\(prefix)ffn_down", c.hiddenSize)],
            count: experts.count
        )
    }

    /// Records it: from `normed` to the residual stream.
    func record(
        into recorder: inout KernelRecorder,
        _ step: ModelStep,
        _ residual: Residual
    ) throws(VulkanError) {
        let a = step.activations
        let count = step.inputs.tokenCount
        guard let experts = a.experts else {
            preconditionFailure("no activations for \(gateUp.rows) rows of experts")
        }
        let routing = experts.routing
        try recorder.matmul(
            router,
            a.normed,
            into: experts.logits,
            MatmulEpilogue(bias: routerBias),
            tokenCount: count
        )
        try recorder.routeExperts(
            experts.logits,
            into: routing,
            renormalises: renormalises,
            tokenCount: count
        )
        if routing.isGrouped(tokenCount: count) {
            try recorder.groupExperts(routing, tokenCount: count)
        }
        try recorder.matmulExperts(
            gateUp,
            a.normed,
            bias: gateUpBias,
            activation: activation,
            routing,
            pairsPerRow: routing.chosenCount,
            into: experts.activated,
            tokenCount: count
        )
        try recorder.matmulExperts(
            down,
            experts.activated,
            bias: downBias,
            routing,
            pairsPerRow: 1,
            into: experts.results,
            tokenCount: count
        )
        try recorder.combineExperts(
            experts.results,
            routing,
            into: a.hidden,
            tokenCount: count
        )
        guard let next = residual.nextNorm else { return }
        try recorder.rmsNorm(
            a.hidden,
            weight: next,
            into: a.normed,
            rowCount: count,
            epsilon: residual.epsilon
        )
    }
}
