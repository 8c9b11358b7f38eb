public import Vulkan

/// What becomes of a matrix product before it is stored, in this order.
public struct MatmulEpilogue {
    /// What a product of stacked gate and up rows becomes: half as many columns.
    public enum Activation: UInt32, Sendable, CaseIterable {
        case none = 0
        /// silu(gate) * up (Shazeer 2020).
        case siluMul = 1
        /// gelu(gate) * up, GELU by its approximation with tanh.
        case geluMul = 2
        /// gpt-oss's: g * sigmoid(1.702 g) * (u + 1), where g is the gate, at most 7, and u is up,
        /// within 7 of zero.
        case clampedSwiGLU = 3

        /// Rows of weights that make a row of y.
        public var parts: Int { self == .none ? 1 : 2 }
    }

    /// The RMS norm of each finished row, written beside it.
    public struct Norm {
        /// float[rows].
        public var weight: BufferSlice
        public var epsilon: Float
        /// [tokens, rows].
        public var output: ActivationMatrix

        public init(weight: BufferSlice, epsilon: Float, output: ActivationMatrix) {
            self.weight = weight
            self.epsilon = epsilon
            self.output = output
        }
    }

    /// float[rows], added to each token's product.
    public var bias: BufferSlice?
    public var activation: Activation
    /// Added to the result; may be the result's own place.
    public var residual: ActivationMatrix?
    public var norm: Norm?

    public init(
        bias: BufferSlice? = nil,
        activation: Activation = .none,
        residual: ActivationMatrix? = nil,
        norm: Norm? = nil
    ) {
        self.bias = bias
        self.activation = activation
        self.residual = residual
        self.norm = norm
    }

    /// The product and nothing else.
    public static var none: MatmulEpilogue { MatmulEpilogue() }
}
