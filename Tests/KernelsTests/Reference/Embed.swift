/// y[t] = scale * w[id], where id is tokens[t], or what `sampled` says if its top bit is set; ids
/// past the vocabulary read its last row.
func embedReference(
    _ weights: [Float],
    columns: Int,
    tokens: [UInt32],
    sampled: [UInt32],
    scale: Float
) -> [Double] {
    let rows = weights.count / columns
    return tokens.flatMap { token in
        let id = token >> 31 == 0 ? token : sampled[Int(token & 0x7FFF_FFFF)]
        let row = min(Int(id), rows - 1)
        return weights[row * columns..<(row + 1) * columns].map { Double(scale) * Double($0) }
    }
}
