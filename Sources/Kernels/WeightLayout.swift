/// How the rows of a weight matrix stand on the device.
public enum WeightLayout: Sendable, Hashable {
    /// Row after row, a row's blocks of 32 weights in order: `Shaders/include/formats`.
    case rows
    /// Groups of eight rows, the eight weights of a column side by side, four groups in a band,
    /// block of columns after block: `Shaders/include/interleaved`. Rows are padded with zeros.
    case interleaved

    /// Rows of an interleaved group.
    public static let groupRows = 8
    /// Rows of a band of groups, to a multiple of which an interleaved matrix is padded: the most
    /// that one workgroup computes.
    static let bandRows = 32

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
    /// Interleaves quants that stand row after row.
    /// - Parameter words: uint[rows][columns / 32][words of a block].
    /// - Returns: uint[rows / 32][columns / 32][4 groups][32 columns][words of a column], padded.
    public func interleavedQuants(_ words: [UInt32], rows: Int, columns: Int) -> [UInt32] {
        let blocks = columns / Self.blockSize
        let blockWords = quantByteCount / 4
        let rowWords = blocks * blockWords
        let bandGroups = WeightLayout.bandRows / WeightLayout.groupRows
        let storedRows = WeightLayout.interleaved.storedRows(rows)
        var result = [UInt32](repeating: 0, count: storedRows * rowWords)
        var block = [UInt32](repeating: 0, count: WeightLayout.groupRows * blockWords)
        for group in 0..<groups(rows, of: WeightLayout.groupRows) {
            let rowCount = min(WeightLayout.groupRows, rows - group * WeightLayout.groupRows)
            for index in 0..<blocks {
                for row in 0..<rowCount {
                    let start =
                        (group * WeightLayout.groupRows + row) * rowWords + index * blockWords
                    for word in 0..<blockWords {
                        block[row * blockWords + word] = words[start + word]
                    }
                }
                for row in rowCount..<WeightLayout.groupRows {
                    for word in 0..<blockWords { block[row * blockWords + word] = 0 }
                }
                let (band, part) = group.quotientAndRemainder(dividingBy: bandGroups)
                let place = (band * blocks + index) * bandGroups + part
                interleave(block, into: &result, at: place * WeightLayout.groupRows * blockWords)
            }
        }
        return result
    }

    /// Interleaves what there is once for each block of a row, such as scales.
    /// - Parameter values: [rows][columns / 32].
    /// - Returns: [rows / 32][columns / 32][32], rows padded.
    public func interleavedScales<T: FixedWidthInteger>(
        _ values: [T],
        rows: Int,
        columns: Int
    ) -> [T] {
        guard !values.isEmpty else { return [] }
        let blocks = columns / Self.blockSize
        let storedRows = WeightLayout.interleaved.storedRows(rows)
        var result = [T](repeating: 0, count: storedRows * blocks)
        for row in 0..<rows {
            let (band, place) = row.quotientAndRemainder(dividingBy: WeightLayout.bandRows)
            for block in 0..<blocks {
                let at = (band * blocks + block) * WeightLayout.bandRows + place
                result[at] = values[row * blocks + block]
            }
        }
        return result
    }

    /// One block of 32 columns of eight rows.
    /// - Parameter block: uint[8][words of a block].
    private func interleave(_ block: [UInt32], into result: inout [UInt32], at start: Int) {
        switch self {
        case .q4_1:
            for word in 0..<4 {
                var lanes: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (
                    block[word], block[4 + word], block[8 + word], block[12 + word],
                    block[16 + word], block[20 + word], block[24 + word], block[28 + word]
                )
                transposeNibbles(&lanes)
                // The even nibbles of a word are neighbours, the odd ones those 16 columns on.
                let at = start + 4 * word
                (result[at], result[at + 1]) = (lanes.0, lanes.2)
                (result[at + 2], result[at + 3]) = (lanes.4, lanes.6)
                (result[at + 16], result[at + 17]) = (lanes.1, lanes.3)
                (result[at + 18], result[at + 19]) = (lanes.5, lanes.7)
            }
        case .q8_0:
            for word in 0..<8 {
                for half in 0..<2 {
                    let rows = (0..<4).map { block[(4 * half + $0) * 8 + word] }
                    for byte in 0..<4 {
                        let shift = UInt32(8 * byte)
                        result[start + 2 * (4 * word + byte) + half] =
                            (rows[0] >> shift & 0xFF) | (rows[1] >> shift & 0xFF) << 8
                            | (rows[2] >> shift & 0xFF) << 16 | (rows[3] >> shift & 0xFF) << 24
                    }
                }
            }
        case .f16, .bf16:
            for word in 0..<16 {
                for pair in 0..<4 {
                    let (low, high) = (block[32 * pair + word], block[32 * pair + 16 + word])
                    let at = start + 8 * word + pair
                    result[at] = low & 0xFFFF | high << 16
                    result[at + 4] = low >> 16 | high & 0xFFFF_0000
                }
            }
        case .f32:
            for column in 0..<32 {
                for row in 0..<8 { result[start + 8 * column + row] = block[32 * row + column] }
            }
        }
    }
}

/// Transposes eight words of eight nibbles: nibble j of word i becomes nibble i of word j. Three
/// rounds exchange squares of four, two and one nibbles (Warren, Hacker's Delight, 7-3).
private func transposeNibbles(
    _ w: inout (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)
) {
    func exchange(_ a: inout UInt32, _ b: inout UInt32, _ shift: UInt32, _ mask: UInt32) {
        let difference = (a >> shift ^ b) & mask
        b ^= difference
        a ^= difference << shift
    }
    exchange(&w.0, &w.4, 16, 0x0000_FFFF)
    exchange(&w.1, &w.5, 16, 0x0000_FFFF)
    exchange(&w.2, &w.6, 16, 0x0000_FFFF)
    exchange(&w.3, &w.7, 16, 0x0000_FFFF)
    exchange(&w.0, &w.2, 8, 0x00FF_00FF)
    exchange(&w.1, &w.3, 8, 0x00FF_00FF)
    exchange(&w.4, &w.6, 8, 0x00FF_00FF)
    exchange(&w.5, &w.7, 8, 0x00FF_00FF)
    exchange(&w.0, &w.1, 4, 0x0F0F_0F0F)
    exchange(&w.2, &w.3, 4, 0x0F0F_0F0F)
    exchange(&w.4, &w.5, 4, 0x0F0F_0F0F)
    exchange(&w.6, &w.7, 4, 0x0F0F_0F0F)
}
