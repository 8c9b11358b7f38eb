import Checkpoints

/// Some rows of a matrix of `GroupedIntegers`, each code in a byte of its own.
struct GroupedStrip {
    private let parts: GroupedIntegers.Parts
    private let rowCount: Int
    /// [rows, columns]
    private let codes: [UInt8]
    /// [groups, rows]
    private let scales: [Float]
    /// [groups, rows]
    private let zeros: [Int]

    /// - Parameter rows: of the matrix.
    /// - Throws: what reading throws.
    init(
        _ folder: SafetensorsFolder,
        _ parts: GroupedIntegers.Parts,
        _ rows: Range<Int>
    ) throws {
        self.parts = parts
        rowCount = rows.count
        codes = folder.withBytes(of: parts.codes) { parts.codes($0, rows) }
        zeros = folder.withBytes(of: parts.zeros) { words in
            (0..<parts.groupCount).flatMap { group in
                rows.map { row in
                    let word = words.load(4 * (group * parts.rows / 8 + row / 8), as: UInt32.self)
                    return Int(word >> parts.packing.zeroShift(ofRow: row) & 15) + parts.zeroOffset
                }
            }
        }
        let type = parts.scales.dataType
        scales = try folder.withBytes(of: parts.scales) { bytes in
            try (0..<parts.groupCount).flatMap { group in
                let start = type.byteCount(of: group * parts.rows + rows.lowerBound)
                let range = start..<start + type.byteCount(of: rows.count)
                var values: [Float] = []
                try type.dequantize(bytes.extracting(range), into: &values)
                return values
            }
        }
    }

    /// Q4_0, whose zeros are 8.
    /// - Throws: `ModelError` where one is not.
    func symmetric(file: String) throws(ModelError) -> [UInt8] {
        if let zero = zeros.first(where: { $0 != 8 }) {
            throw .badConfiguration(
                file: file,
                detail: "`\(parts.name)` has the zero \(zero), and the configuration says that "
                    + "weights are symmetric (`sym`), with zeros of 8"
            )
        }
        return blocks(of: .q4_0, headerByteCount: 2)
    }

    /// Q4_1: the minimum of a block is what its zero is worth.
    func withMinima() -> [UInt8] { blocks(of: .q4_1, headerByteCount: 4) }

    /// Blocks of a scale, a minimum where there is room for one, and the codes of weights n and
    /// n + 16 in a byte.
    private func blocks(of type: DataType, headerByteCount: Int) -> [UInt8] {
        let rowByteCount = type.byteCount(of: parts.columns)
        var blocks = [UInt8](repeating: 0, count: rowCount * rowByteCount)
        var span = blocks.mutableSpan
        var target = unsafe span.mutableBytes
        let codes = unsafe codes.span.bytes
        for row in 0..<rowCount {
            for block in 0..<parts.columns / 32 {
                let group = 32 * block / parts.groupSize * rowCount + row
                let at = row * rowByteCount + block * type.blockByteCount
                target.store(Float16(scales[group]).bitPattern, at)
                if headerByteCount == 4 {
                    let minimum = -scales[group] * Float(zeros[group])
                    target.store(Float16(minimum).bitPattern, at + 2)
                }
                for half in 0..<2 {
                    let start = row * parts.columns + 32 * block + 8 * half
                    let low = codes.load(start, as: UInt64.self)
                    let high = codes.load(start + 16, as: UInt64.self)
                    target.store(low | high << 4, at + headerByteCount + 8 * half)
                }
            }
        }
        return blocks
    }

    /// The weights in half precision; `groups` says each column's.
    func halves(_ groups: [Int]) -> [UInt8] {
        var halves = [UInt8](repeating: 0, count: 2 * codes.count)
        var span = halves.mutableSpan
        var target = unsafe span.mutableBytes
        for row in 0..<rowCount {
            // All there can be.
            let weights = (0..<parts.groupCount).flatMap { group in
                let (scale, zero) = (scales[group * rowCount + row], zeros[group * rowCount + row])
                return (0..<16).map { Float16(scale * Float($0 - zero)).bitPattern }
            }
            for column in 0..<parts.columns {
                let place = row * parts.columns + column
                target.store(weights[16 * groups[column] + Int(codes[place])], 2 * place)
            }
        }
        return halves
    }
}

extension GroupedIntegers.Parts {
    /// Codes of some rows, [rows, columns], a byte each.
    fileprivate func codes(_ words: RawSpan, _ rows: Range<Int>) -> [UInt8] {
        var codes = [UInt8](repeating: 0, count: rows.count * columns)
        var span = codes.mutableSpan
        var target = unsafe span.mutableBytes
        // Eight rows at a time are what a word of AWQ has, and a cache line or two of GPTQ's.
        for eight in rows.lowerBound / 8..<(rows.upperBound + 7) / 8 {
            let some = rows.clamped(to: 8 * eight..<8 * eight + 8)
            switch packing {
            case .gptq:
                for word in 0..<columns / 8 {
                    for row in some {
                        let packed = words.load(4 * (word * self.rows + row), as: UInt32.self)
                        let place = (row - rows.lowerBound) * columns + 8 * word
                        target.store(Self.spread(packed), place)
                    }
                }
            case .awq:
                for column in 0..<columns {
                    let at = 4 * (column * self.rows / 8 + eight)
                    let packed = words.load(at, as: UInt32.self)
                    for row in some {
                        let code = UInt8(packed >> packing.zeroShift(ofRow: row) & 15)
                        target.store(code, (row - rows.lowerBound) * columns + column)
                    }
                }
            }
        }
        return codes
    }

    /// A word's nibbles as bytes.
    @inline(__always)
    private static func spread(_ word: UInt32) -> UInt64 {
        let fours = (UInt64(word) | UInt64(word) << 16) & 0x0000_FFFF_0000_FFFF
        let pairs = (fours | fours << 8) & 0x00FF_00FF_00FF_00FF
        return (pairs | pairs << 4) & 0x0F0F_0F0F_0F0F_0F0F
    }
}

extension GroupedIntegers.Layout.Packing {
    /// Where in a word of eight rows the nibble of a row begins.
    @inline(__always)
    fileprivate func zeroShift(ofRow row: Int) -> UInt32 {
        let place = UInt32(truncatingIfNeeded: row & 7)
        // 0, 2, 4, 6 come first in AWQ's words, then 1, 3, 5, 7.
        return self == .gptq ? 4 * place : 4 * (place >> 1 | (place & 1) << 2)
    }
}
