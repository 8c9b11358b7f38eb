public import ShaderParams

/// How the query rows of a step's sequences become the work of workgroups.
public struct AttentionTiling: Sendable, Equatable {
    /// Query heads that share a KV head: rows of a token in a tile.
    public var group: Int
    public var kvHeadCount: Int
    /// Query rows, (token, head of a KV head's group) pairs, of a tile.
    public var rows: Int
    /// Query rows of a tile that cooperative matrices compute; nil: none do. A run takes such tiles
    /// where it has more rows than fit one of the others.
    public var matrixRows: Int?
    /// Keys beyond which a sequence's single token has a workgroup for each split of its keys.
    public var spreadLength: Int
    /// Rows of partial results there is room for.
    public var partialRowCapacity: Int

    /// Rows of a single token's tile; only such tiles are spread.
    var partialRowCount: Int { min(rows, group) }

    /// Rows of partial results of one split of a tile.
    var splitRowCount: Int { kvHeadCount * partialRowCount }

    /// The most tiles a step needs.
    public func tileCapacity(tokenCount: Int, sequenceCount: Int) -> Int {
        // Every sequence may leave its last tile partly filled, and have splits reduced.
        tokenCount * group + 2 * sequenceCount * (group + rows - 1) / rows
            + partialRowCapacity / splitRowCount
    }
}

/// A step's attention: the tiles of all query rows, those for cooperative matrices first, then one more for each tile whose splits are
/// spread over workgroups, which says where their results are folded.
///
/// Whether a tile is spread may depend on anything: its bits do not (`include/attention.glsl`).
public struct AttentionPlan: Sendable {
    /// Tiles to compute, then tiles to reduce.
    public private(set) var tiles: [AttentionTile] = []
    /// Tiles to compute by cooperative matrices.
    public private(set) var matrixCount = 0
    public private(set) var reductionCount = 0

    /// One sequence's part of the batch.
    public struct Run: Sendable {
        public var firstToken: Int
        public var tokenCount: Int
        /// Tokens the last of them sees, itself included.
        public var contextLength: Int
        /// Where its block table begins in the step's.
        public var blockTableStart: Int

        public init(firstToken: Int, tokenCount: Int, contextLength: Int, blockTableStart: Int) {
            self.firstToken = firstToken
            self.tokenCount = tokenCount
            self.contextLength = contextLength
            self.blockTableStart = blockTableStart
        }
    }

    public init(_ runs: [Run], _ tiling: AttentionTiling) {
        var (matrices, reductions): ([AttentionTile], [AttentionTile]) = ([], [])
        var partialRow = 0
        for run in runs {
            let rowCount = run.tokenCount * tiling.group
            if let rows = tiling.matrixRows, rowCount > tiling.rows {
                for firstRow in stride(from: 0, to: rowCount, by: rows) {
                    matrices.append(AttentionTile(run, firstRow: firstRow))
                }
                continue
            }
            let splits = (run.contextLength + Int(SPLIT_KEYS) - 1) / Int(SPLIT_KEYS)
            for firstRow in stride(from: 0, to: rowCount, by: tiling.rows) {
                var tile = AttentionTile(run, firstRow: firstRow)
                let rows = splits * tiling.splitRowCount
                guard run.tokenCount == 1, splits > 1, run.contextLength > tiling.spreadLength,
                    partialRow + rows <= tiling.partialRowCapacity
                else {
                    tiles.append(tile)
                    continue
                }
                tile.partials = UInt32(partialRow)
                partialRow += rows
                reductions.append(tile)
                for split in 0..<splits {
                    tile.split = UInt32(split)
                    tiles.append(tile)
                }
            }
        }
        tiles = matrices + tiles + reductions
        matrixCount = matrices.count
        reductionCount = reductions.count
    }

    /// Tiles to compute otherwise.
    public var computedCount: Int { tiles.count - matrixCount - reductionCount }
}

extension AttentionTile {
    /// All keys of the rows from `firstRow` on.
    fileprivate init(_ run: AttentionPlan.Run, firstRow: Int) {
        self.init(
            firstToken: UInt32(run.firstToken),
            tokenCount: UInt32(run.tokenCount),
            firstRow: UInt32(firstRow),
            blockTableStart: UInt32(run.blockTableStart),
            split: 0,
            partials: ATTENTION_WHOLE
        )
    }
}
