public import ShaderParams
public import Vulkan

/// Which of a step's tokens have which adapter, as kernels take it (Punica, Chen et al. 2023).
public struct LoRABatch {
    /// Tokens that kernels take together, at most.
    public static let tileTokenCount = 8

    /// The tokens with an adapter, as indices into the step's, those of one adapter together.
    public let tokens: [UInt32]
    public let tiles: [LoRATile]
    /// The slots of the adapters, ascending.
    public let slots: [Int]

    /// - Parameter slots: each token's adapter; nil for none.
    public init(slots: [Int?]) {
        var tokens: [UInt32] = []
        var tiles: [LoRATile] = []
        let used = Set(slots.compactMap(\.self)).sorted()
        for slot in used {
            let own = slots.indices.filter { slots[$0] == slot }
            for first in stride(from: 0, to: own.count, by: Self.tileTokenCount) {
                tiles.append(
                    LoRATile(
                        first: UInt32(tokens.count + first),
                        count: UInt32(min(Self.tileTokenCount, own.count - first)),
                        slot: UInt32(slot)
                    )
                )
            }
            tokens += own.map { UInt32($0) }
        }
        self.tokens = tokens
        self.tiles = tiles
        self.slots = used
    }

    /// The most tiles that `tokenCount` tokens with up to `slotCount` adapters make.
    public static func tileCapacity(tokenCount: Int, slotCount: Int) -> Int {
        min(tokenCount, groups(tokenCount, of: tileTokenCount) + slotCount)
    }
}

/// A `LoRABatch` on the device.
public struct LoRAStep {
    /// LoRATile[tileCount].
    public let tiles: BufferSlice
    /// uint[tokenCount].
    public let tokens: BufferSlice
    public let tileCount: Int
    public let tokenCount: Int
    /// Whether no tile has more than a token.
    public let isSingle: Bool

    /// - Parameters:
    ///   - tiles: the batch's, written there.
    ///   - tokens: the batch's, written there.
    public init(_ batch: LoRABatch, tiles: BufferSlice, tokens: BufferSlice) {
        self.tiles = tiles
        self.tokens = tokens
        tileCount = batch.tiles.count
        tokenCount = batch.tokens.count
        isSingle = batch.tiles.allSatisfy { $0.count == 1 }
    }

    /// Tokens that an invocation computes.
    var tileTokens: UInt32 { isSingle ? 1 : UInt32(LoRABatch.tileTokenCount) }
}

/// What adapters may add to matrices over one input whose outputs stand side by side.
public struct LoRAStack {
    /// LoRAFactors[matrices][slotCount].
    public let factors: BufferSlice
    public let slotCount: Int
    /// The rows of each matrix.
    public let rowCounts: [Int]
    /// A multiple of 8.
    public let maxRank: Int

    public init(factors: BufferSlice, slotCount: Int, rowCounts: [Int], maxRank: Int) {
        precondition(
            factors.byteCount >= rowCounts.count * slotCount * MemoryLayout<LoRAFactors>.stride
                && maxRank > 0 && maxRank % LoRAStack.rowGranularity == 0,
            "LoRA: \(factors.byteCount) bytes for \(rowCounts.count) x \(slotCount) of rank "
                + "\(maxRank)"
        )
        self.factors = factors
        self.slotCount = slotCount
        self.rowCounts = rowCounts
        self.maxRank = maxRank
    }

    /// Rows that stand side by side.
    public static let rowGranularity = 8

    /// A factor [rows, columns], row after row, as kernels read it: [rows / 8][columns][8], zeros
    /// past the last row.
    public static func interleaved(_ values: [Float], rows: Int, columns: Int) -> [Float] {
        precondition(
            values.count == rows * columns,
            "LoRA: \(values.count) of \(rows) x \(columns)"
        )
        let groupCount = groups(rows, of: rowGranularity)
        var result = [Float](repeating: 0, count: groupCount * rowGranularity * columns)
        for row in 0..<rows {
            let (group, lane) = row.quotientAndRemainder(dividingBy: rowGranularity)
            let first = group * columns * rowGranularity + lane
            for column in 0..<columns {
                result[first + column * rowGranularity] = values[row * columns + column]
            }
        }
        return result
    }

    /// The floats of a row of what `loraShrink` gives.
    public var hiddenColumns: Int { rowCounts.count * maxRank }
}
