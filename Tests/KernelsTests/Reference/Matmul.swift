import Foundation
import Kernels

/// y[t][r] = sum over k of w[r][k] * x[t][k], plus bias[r], through the activation, plus
/// residual[t][r], where there are such.
func matmulReference(
    _ weights: [Float],
    rows: Int,
    columns: Int,
    _ x: [Float],
    bias: [Float]? = nil,
    activation: MatmulEpilogue.Activation = .none,
    residual: [Float]? = nil
) -> [Double] {
    let tokenCount = x.count / columns
    let outputs = rows / activation.parts
    var y = [Double](repeating: 0, count: tokenCount * outputs)
    for token in 0..<tokenCount {
        let sums = (0..<rows).map { row in
            var sum = Double(bias?[row] ?? 0)
            for k in 0..<columns {
                sum += Double(weights[row * columns + k]) * Double(x[token * columns + k])
            }
            return sum
        }
        for row in 0..<outputs {
            let at = token * outputs + row
            let value =
                activation == .none
                ? sums[row] : activationReference(activation, sums[row], sums[outputs + row])
            y[at] = value + Double(residual?[at] ?? 0)
        }
    }
    return y
}

/// What gate and up become; GELU as its approximation is defined.
func activationReference(
    _ activation: MatmulEpilogue.Activation,
    _ gate: Double,
    _ up: Double
) -> Double {
    openedReference(activation, gate) * upReference(activation, up)
}

private func openedReference(_ activation: MatmulEpilogue.Activation, _ gate: Double) -> Double {
    switch activation {
    case .none: return gate
    case .siluMul: return gate / (1 + exp(-gate))
    case .geluMul:
        let root = (2 / Double.pi).squareRoot()
        return gate / 2 * (1 + tanh(root * (gate + 0.044715 * gate * gate * gate)))
    case .clampedSwiGLU:
        let clamped = min(gate, 7)
        return clamped / (1 + exp(-1.702 * clamped))
    }
}

private func upReference(_ activation: MatmulEpilogue.Activation, _ up: Double) -> Double {
    activation == .clampedSwiGLU ? min(max(up, -7), 7) + 1 : up
}

/// What errors of a sum should be compared with, where it may be small by cancellation:
/// sqrt(sum over k of (w[r][k] * x[t][k])^2), the size of a sum whose terms do not cancel, through
/// the activation.
func matmulSizes(
    _ weights: [Float],
    rows: Int,
    columns: Int,
    _ x: [Float],
    bias: [Float]? = nil,
    activation: MatmulEpilogue.Activation = .none
) -> [Double] {
    let squares = matmulReference(
        weights.map { $0 * $0 },
        rows: rows,
        columns: columns,
        x.map { $0 * $0 }
    )
    let sizes = squares.map { $0.squareRoot() }
    guard activation != .none else { return sizes }
    let sums = matmulReference(weights, rows: rows, columns: columns, x, bias: bias)
    let outputs = rows / 2
    return (0..<x.count / columns).flatMap { token in
        (0..<outputs).map { row in
            let (gate, up) = (token * rows + row, token * rows + outputs + row)
            // The slope of an activation is nowhere more than 1.13.
            return 1.13 * sizes[gate] * abs(upReference(activation, sums[up]))
                + abs(openedReference(activation, sums[gate])) * sizes[up]
        }
    }
}
