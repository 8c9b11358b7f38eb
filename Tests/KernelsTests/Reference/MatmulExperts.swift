import Kernels

/// For every pair, the product of its expert's rows with its row of x, bias and activation.
/// - Parameters:
///   - weights: [parts][experts][rows, columns].
///   - experts: of the pairs.
func matmulExpertsReference(
    _ weights: [Float],
    expertCount: Int,
    rows: Int,
    columns: Int,
    _ x: [Float],
    experts: [UInt32],
    pairsPerRow: Int,
    bias: [Float]? = nil,
    activation: MatmulEpilogue.Activation = .none
) -> [Double] {
    experts.enumerated().flatMap { pair, expert in
        let row = pair / pairsPerRow * columns
        // The expert's own matrix, gate rows before up rows.
        let places = (0..<activation.parts).map { ($0 * expertCount + Int(expert)) * rows }
        return matmulReference(
            places.flatMap { weights[$0 * columns..<($0 + rows) * columns] },
            rows: rows * activation.parts,
            columns: columns,
            Array(x[row..<row + columns]),
            bias: bias.map { bias in places.flatMap { bias[$0..<$0 + rows] } },
            activation: activation
        )
    }
}
