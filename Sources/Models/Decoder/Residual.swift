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

extension KernelRecorder {
    /// hidden += W x, or the norm of W x; then normed = the norm of hidden.
    mutating func add(
        _ weights: WeightMatrix,
        _ x: ActivationMatrix,
        to residual: Residual,
        _ step: ModelStep
    ) throws(VulkanError) {
        let a = step.activations
        let count = step.inputs.tokenCount
        guard let postNorm = residual.postNorm else {
            let epilogue = MatmulEpilogue(residual: a.hidden, norm: residual.next(a))
            try matmul(weights, x, into: a.hidden, epilogue, tokenCount: count)
            return
        }
        // `normed` has served this half, and serves the next only after it.
        try matmul(weights, x, into: a.normed, tokenCount: count)
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
}
