import Kernels

/// y[t][i] = act(gateUp[t][i]) * gateUp[t][columns + i].
func gatedActivationReference(
    _ gateUp: [Float],
    _ activation: MatmulEpilogue.Activation,
    columns: Int
) -> [Double] {
    stride(from: 0, to: gateUp.count, by: 2 * columns).flatMap { first in
        (0..<columns).map { i in
            activationReference(activation, Double(gateUp[first + i]))
                * Double(gateUp[first + columns + i])
        }
    }
}
