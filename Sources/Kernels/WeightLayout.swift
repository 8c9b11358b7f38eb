/// How the rows of a weight matrix stand on the device.
public enum WeightLayout: Sendable, Hashable {
    /// Row after row, a row's blocks of 32 weights in order: `Shaders/include/formats`.
    case rows
    /// Groups of eight rows, the eight weights of a column side by side, four groups in a band,
    /// block of columns after block: `Shaders/include/interleaved.glsl`. Rows are padded with
    /// zeros.
    case interleaved

    /// Rows of an interleaved group.
    public static let groupRows = 8
    /// Rows of a band of groups, to a multiple of which an interleaved matrix is padded: the most
    /// that one workgroup computes.
    public static let bandRows = 32

    /// Groups of which kernels for a subgroup of so many lanes give each row a lane: pairs, where
    /// it has lanes for two.
    static func sides(subgroupSize: Int) -> Int { subgroupSize < 2 * groupRows ? 1 : 2 }

    /// Rows that a matrix of `rows` rows takes memory for.
    public func storedRows(_ rows: Int) -> Int {
        switch self {
        case .rows: rows
        case .interleaved: groups(rows, of: Self.bandRows) * Self.bandRows
        }
    }
}

extension KernelFamily {
    /// The layout this family's kernels read weights in.
    public var weightLayout: WeightLayout {
        switch self {
        case .cpu: .interleaved
        case .gpu: .rows
        }
    }
}

extension WeightFormat {
    /// Where the planes of a matrix [rows, columns] are.
    public func planes(_ layout: WeightLayout, rows: Int, columns: Int) -> WeightPlaneRanges {
        planes(blockCount: layout.storedRows(rows) * columns / Self.blockSize)
    }
}
