/// The shape of a step with adapters.
public struct LoRACase: Sendable, CustomStringConvertible {
    /// Each token's adapter; nil for none.
    public var slots: [Int?]
    /// Each adapter's rank for each matrix; 0: it leaves the matrix alone.
    public var ranks: [[Int]]
    /// The rows of each matrix.
    public var rowCounts: [Int]
    public var columns: Int
    public var maxRank: Int

    public var description: String {
        let tokens = slots.map { $0.map { "\($0)" } ?? "-" }.joined()
        return "\(tokens) of ranks \(ranks), \(rowCounts) x \(columns)"
    }

    /// Each path of the kernels, at small sizes: one token and more than a tile, tokens without an
    /// adapter between others, ranks below the greatest and none at all, rows that are no multiple
    /// of what stands side by side.
    public static let awkward: [LoRACase] = [
        LoRACase(slots: [0], ranks: [[16]], rowCounts: [64], columns: 32, maxRank: 16),
        LoRACase(
            slots: (0..<19).map { [nil, 0, 1][$0 % 3] },
            ranks: [[8, 24, 8], [24, 0, 16]],
            rowCounts: [100, 36, 36],
            columns: 96,
            maxRank: 24
        ),
        LoRACase(
            slots: [2, nil, 2, 1, 1, nil, nil, 0],
            ranks: [[0, 0], [8, 8], [8, 16]],
            rowCounts: [68, 4],
            columns: 64,
            maxRank: 16
        ),
        LoRACase(
            slots: [Int?](repeating: 0, count: 17),
            ranks: [[64]],
            rowCounts: [128],
            columns: 576,
            maxRank: 64
        ),
        LoRACase(slots: [nil, 0, 0], ranks: [[256]], rowCounts: [32], columns: 36, maxRank: 256),
    ]
}
