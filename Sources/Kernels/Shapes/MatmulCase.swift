/// One matrix multiplication, to be tested against the reference or timed.
public struct MatmulCase: Sendable, Hashable, CustomStringConvertible {
    /// Of the weights.
    public let rows: Int
    /// Of the weights; a multiple of 32.
    public let columns: Int
    public let tokenCount: Int

    public init(rows: Int, columns: Int, tokenCount: Int) {
        self.rows = rows
        self.columns = columns
        self.tokenCount = tokenCount
    }

    public var description: String { "[\(rows), \(columns)] by \(tokenCount) tokens" }

    /// Multiplications and additions.
    public var flopCount: Int { 2 * rows * columns * tokenCount }

    /// Shapes at and around every size at which a kernel changes its way.
    public static let awkward: [MatmulCase] = {
        let tokenCounts = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 65]
        let tokens = tokenCounts.map { MatmulCase(rows: 33, columns: 64, tokenCount: $0) }
        let rows = [1, 7, 32, 64, 65, 576, 960].flatMap { rows in
            [1, 3, 17].map { MatmulCase(rows: rows, columns: 96, tokenCount: $0) }
        }
        let columns = [32, 160, 576, 1536].flatMap { columns in
            [1, 5, 33].map { MatmulCase(rows: 71, columns: columns, tokenCount: $0) }
        }
        return tokens + rows + columns + [MatmulCase(rows: 49_152, columns: 64, tokenCount: 2)]
    }()

    /// A shape for few, some and many tokens: for every format, where all shapes would take too
    /// long.
    public static let core: [MatmulCase] = [1, 4, 17].map {
        MatmulCase(rows: 35, columns: 288, tokenCount: $0)
    }

    /// `typical`, as a format has it.
    public static func typical(_ format: WeightFormat) -> [MatmulCase] {
        typical.map { $0.fitting(format) }
    }

    /// The same with as many more columns as rows of a format need.
    public func fitting(_ format: WeightFormat) -> MatmulCase {
        let unit = format.columnGranularity
        return MatmulCase(
            rows: rows,
            columns: groups(columns, of: unit) * unit,
            tokenCount: tokenCount
        )
    }

    /// The matrices of a model of 135 million parameters and of one of 8 billion, one token, a
    /// batch of single tokens, and a prompt.
    public static let typical: [MatmulCase] = [1, 2, 8, 16, 32, 512].flatMap { tokenCount in
        [(960, 576), (576, 1536), (4096, 4096), (4096, 14_336)].map {
            MatmulCase(rows: $0.0, columns: $0.1, tokenCount: tokenCount)
        }
    }
}
