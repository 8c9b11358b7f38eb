/// y[i] = x[r] / sqrt(mean(x[r]^2) + epsilon) * weight, r = rowIndices[i].
func rmsNormReference(
    _ x: [Float],
    weight: [Float],
    rowIndices: [UInt32],
    epsilon: Float
) -> [Double] {
    let columns = weight.count
    return rowIndices.flatMap { row in
        let values = x[Int(row) * columns..<(Int(row) + 1) * columns].map(Double.init)
        let meanSquare = values.reduce(0) { $0 + $1 * $1 } / Double(columns)
        let scale = 1 / (meanSquare + Double(epsilon)).squareRoot()
        return zip(values, weight).map { $0 * scale * Double($1) }
    }
}
