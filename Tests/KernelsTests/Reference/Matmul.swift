import Foundation
import Kernels

/// y[t][r] = sum over k of w[r][k] * x[t][k], plus residual[t][r] where there is one.
func matmulReference(
    _ weights: [Float],
    rows: Int,
    columns: Int,
    _ x: [Float],
    residual: [Float]? = nil
) -> [Double] {
    let tokenCount = x.count / columns
    var y = [Double](repeating: 0, count: tokenCount * rows)
    for token in 0..<tokenCount {
        for row in 0..<rows {
            var sum = 0.0
            for k in 0..<columns {
                sum += Double(weights[row * columns + k]) * Double(x[token * columns + k])
            }
            y[token * rows + row] = sum + Double(residual?[token * rows + row] ?? 0)
        }
    }
    return y
}

/// What a gate does to the up row it belongs to.
func activationReference(_ activation: MatmulEpilogue.Activation, _ gate: Double) -> Double {
    switch activation {
    case .none: gate
    case .siluMul: gate / (1 + exp(-gate))
    case .geluMul:
        gate / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (gate + 0.044715 * gate * gate * gate)))
    }
}
