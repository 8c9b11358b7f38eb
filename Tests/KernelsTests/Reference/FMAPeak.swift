import Kernels

/// y[i] = sum over c of v[c] after steps * rounds steps of v[c] = v[c] * factor + addend.
func fmaPeakReference(
    count: Int,
    chains: FMAChains,
    rounds: Int,
    factor: Float,
    addend: Float
) -> [Double] {
    (0..<count).map { i in
        (0..<chains.count).reduce(0.0) { sum, c in
            var v = Double(i % 16 + c) / 16
            for _ in 0..<chains.steps * rounds { v = v * Double(factor) + Double(addend) }
            return sum + v
        }
    }
}
