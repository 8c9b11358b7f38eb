/// y[t][c] + sum over i of shares[t][i] * x[t * chosenCount + i][c].
func combineExpertsReference(
    _ x: [Float],
    shares: [Float],
    chosenCount: Int,
    onto y: [Float],
    columns: Int
) -> [Double] {
    y.indices.map { at in
        let (token, column) = at.quotientAndRemainder(dividingBy: columns)
        return (0..<chosenCount).reduce(Double(y[at])) { sum, choice in
            let pair = token * chosenCount + choice
            return sum + Double(shares[pair]) * Double(x[pair * columns + column])
        }
    }
}
