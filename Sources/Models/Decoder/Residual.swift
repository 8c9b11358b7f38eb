import Kernels
import Vulkan

/// How a half of a layer joins the residual stream, and what is made of the stream after it.
struct Residual {
    /// float[hidden]: the norm of what is added; nil: none.
    let postNorm: BufferSlice?
    /// float[hidden]: the norm before the next half, which reads `normed`; nil: there is none.
    let nextNorm: BufferSlice?
    let epsilon: Float

    /// The norm that follows, as kernels take it.
    func next(_ a: Activations) -> MatmulEpilogue.Norm? {
        nextNorm.map { MatmulEpilogue.Norm(weight: $0, epsilon: epsilon, output: a.normed) }
    }
}

/// Which product of the model it is whose result joins the residual stream, for adapters.
struct AdaptedSum {
    let layer: Int
    let place: AdaptedPlace
}

extension KernelRecorder {
    /// hidden += W x + bias, or the norm of that; then normed = the norm of hidden. W is what
    /// adapters make of it.
    mutating func add(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        bias: BufferSlice? = nil,
        to residual: Residual,
        _ step: ModelStep,
        _ sum: AdaptedSum
    ) throws(VulkanError) {
        let a = step.activations
        let count = step.inputs.tokenCount
        let isAdapted = step.adapters?.stack(layer: sum.layer, sum.place) != nil
        guard let postNorm = residual.postNorm else {
            guard !isAdapted else {
                try addAdapted(weights, x, bias: bias, to: residual, step, sum)
                return
            }
            let epilogue = MatmulEpilogue(
                bias: bias,
                residual: a.hidden,
                norm: residual.next(a)
            )
            try matmul(weights, x, into: a.hidden, epilogue, tokenCount: count)
            return
        }
        // `normed` has served this half, and serves the next only after it.
        try matmul(weights, x, into: a.normed, MatmulEpilogue(bias: bias), tokenCount: count)
        try adapt(step, layer: sum.layer, sum.place, x, into: a.normed)
        try rmsNorm(
            a.normed,
            weight: postNorm,
            into: a.hidden,
            adds: true,
            rowCount: count,
            epsilon: residual.epsilon,
            next: residual.next(a)
        )
    }

    /// The same without a norm of what is added, where adapters change it: the change comes before
    /// the next norm, which is then a kernel of its own.
    private mutating func addAdapted(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        bias: BufferSlice?,
        to residual: Residual,
        _ step: ModelStep,
        _ sum: AdaptedSum
    ) throws(VulkanError) {
        let a = step.activations
        let count = step.inputs.tokenCount
        let epilogue = MatmulEpilogue(bias: bias, residual: a.hidden)
        try matmul(weights, x, into: a.hidden, epilogue, tokenCount: count)
        try adapt(step, layer: sum.layer, sum.place, x, into: a.hidden)
        guard let next = residual.nextNorm else { return }
        try rmsNorm(
            a.hidden,
            weight: next,
            into: a.normed,
            rowCount: count,
            epsilon: residual.epsilon
        )
    }
}
