import Foundation

/// y[t][i] = g / (1 + exp(-g)) * u, g = gateUp[t][i], u = gateUp[t][columns + i].
func siluMulReference(_ gateUp: [Float], columns: Int) -> [Double] {
    stride(from: 0, to: gateUp.count, by: 2 * columns).flatMap { first in
        (0..<columns).map { i in
            let gate = Double(gateUp[first + i])
            return gate / (1 + exp(-gate)) * Double(gateUp[first + columns + i])
        }
    }
}
