/// A block of 32 activations as bytes.
struct QuantizedBlock {
    let scale: Float
    let quants: [Int8]
}

/// q[t][k] = round(x[t][k] / d), d = the greatest |x| of 32 neighbours / 127
func quantizeReference(_ x: [Float]) -> [QuantizedBlock] {
    stride(from: 0, to: x.count, by: 32).map { first in
        let block = x[first..<first + 32]
        let scale = block.reduce(0) { max($0, abs($1)) } / 127
        let quants = block.map { scale > 0 ? Int8(($0 / scale).rounded(.toNearestOrEven)) : 0 }
        return QuantizedBlock(scale: scale, quants: quants)
    }
}
