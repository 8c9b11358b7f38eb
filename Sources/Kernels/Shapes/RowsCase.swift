/// Rows for a kernel that works on each alone (embed, rms_norm, gated_activation, sample), to be
/// tested against the reference or timed.
public struct RowsCase: Sendable, Hashable, CustomStringConvertible {
    public let rows: Int
    public let columns: Int

    public init(rows: Int, columns: Int) {
        self.rows = rows
        self.columns = columns
    }

    public var description: String { "[\(rows), \(columns)]" }

    /// Rows and columns at and around the sizes of blocks, subgroups and workgroups.
    public static let awkward: [RowsCase] = {
        let rows = [1, 2, 3, 15, 16, 17, 31, 33].map { RowsCase(rows: $0, columns: 64) }
        let columns = [32, 96, 576, 1056, 1536, 4096].map { RowsCase(rows: 3, columns: $0) }
        return rows + columns
    }()

    /// Hidden states of a small and of a large model, one token and a prompt.
    public static let typical: [RowsCase] = [1, 16, 512].flatMap { rows in
        [576, 1536, 4096, 14_336].map { RowsCase(rows: rows, columns: $0) }
    }

    /// `typical` with as many more columns as rows of a format need.
    public static func typical(_ format: WeightFormat) -> [RowsCase] {
        let unit = format.columnGranularity
        return typical.map { RowsCase(rows: $0.rows, columns: groups($0.columns, of: unit) * unit) }
    }

    /// Logits, by the size of the vocabulary.
    public static let logits: [RowsCase] = [
        RowsCase(rows: 1, columns: 49_152), RowsCase(rows: 16, columns: 49_152),
        RowsCase(rows: 1, columns: 151_936),
    ]
}
