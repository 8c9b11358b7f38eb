package import Kernels
package import Vulkan

/// Matrices over the same input whose outputs stand side by side.
public struct StackedMatrix {
    /// Some of the rows, all in one format.
    package struct Part {
        package let matrix: WeightMatrix
        /// Where its outputs begin.
        package let firstRow: Int
    }

    package let parts: [Part]
}

extension KernelRecorder {
    /// y = W x + bias for matrices whose outputs stand side by side.
    /// - Parameter bias: float[rows of all].
    package mutating func matmul(
        _ weights: StackedMatrix,
        _ x: ActivationMatrix,
        into y: ActivationMatrix,
        bias: BufferSlice? = nil,
        tokenCount: Int
    ) throws(VulkanError) {
        for part in weights.parts {
            let own = bias?.slice(at: 4 * part.firstRow, byteCount: 4 * part.matrix.rows)
            try matmul(
                part.matrix,
                x,
                into: y,
                column: part.firstRow,
                MatmulEpilogue(bias: own),
                tokenCount: tokenCount
            )
        }
    }

    /// act(gate x) * (up x), from `x` to `activated`.
    mutating func gatedMatmul(
        _ gateUp: StackedMatrix,
        _ x: ActivationMatrix,
        _ activation: MatmulEpilogue.Activation,
        _ a: Activations,
        tokenCount: Int
    ) throws(VulkanError) {
        try gatedMatmul(
            gateUp,
            x,
            activation,
            products: a.gateUp,
            into: a.activated,
            tokenCount: tokenCount
        )
    }

    /// act(gate x) * (up x): one product where gate and up have one format, else one each.
    /// - Parameter products: [tokenCount, 2 * columns of y], for the products that are apart.
    package mutating func gatedMatmul(
        _ gateUp: StackedMatrix,
        _ x: ActivationMatrix,
        _ activation: MatmulEpilogue.Activation,
        products: ActivationMatrix,
        into y: ActivationMatrix,
        tokenCount: Int
    ) throws(VulkanError) {
        if let both = gateUp.parts.first, gateUp.parts.count == 1 {
            let epilogue = MatmulEpilogue(activation: activation)
            try matmul(both.matrix, x, into: y, epilogue, tokenCount: tokenCount)
        } else {
            try matmul(gateUp, x, into: products, tokenCount: tokenCount)
            try gatedActivation(products, activation, into: y, tokenCount: tokenCount)
        }
    }
}
