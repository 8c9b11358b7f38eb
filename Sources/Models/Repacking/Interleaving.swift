import Kernels

// From rows that follow each other to rows that stand interleaved by eight, plane by plane. Rows'
// numbers are spread over words as `Shaders/include/quants.glsl` says; `interleaved.glsl` wants the
// numbers of eight rows in a column side by side, or eight rows' words, and nibbles and bytes such
// that a word can be taken as an integer: a nibble at its top signed, all other numbers not.

extension WeightFormat {
    /// Interleaves whole bands of rows.
    /// - Parameters:
    ///   - source: planes of rows that follow each other, divided as `planes`.
    ///   - target: the same, interleaved, divided as `targetPlanes`, which are as large.
    func interleave(
        _ source: RawSpan,
        _ planes: WeightPlaneRanges,
        columns: Int,
        into target: inout MutableRawSpan,
        _ targetPlanes: WeightPlaneRanges
    ) {
        let blocks = columns / Self.blockSize
        let bandBlocks = WeightLayout.bandRows * blocks
        let count = planes.quants.count / (Self.blockSize / 8 * lowBits)
        precondition(
            zip(planes.all, targetPlanes.all).allSatisfy { $0.count == $1.count }
                && count % bandBlocks == 0,
            "interleave: \(planes.all) into \(targetPlanes.all) by \(bandBlocks) blocks"
        )
        let bands = Bands(count: count / bandBlocks, blocks: blocks)
        for (bits, from, to) in [
            (lowBits, planes.quants, targetPlanes.quants),
            (highBits, planes.highBits, targetPlanes.highBits),
        ] {
            let (from, to) = (from.lowerBound, to.lowerBound)
            switch bits {
            case 1: bands.interleaveBits(source, from, &target, to)
            case 2: bands.interleavePairs(source, from, &target, to)
            case 4: bands.interleaveNibbles(source, from, &target, to)
            case 8: bands.interleaveWords(8, flipped: 0x8080_8080, source, from, &target, to)
            case 16, 32: bands.interleaveWords(bits, source, from, &target, to)
            default: break
            }
        }
        let superBands = Bands(count: bands.count, blocks: blocks / Self.blocksPerSuperScale)
        for (bands, size, from, to) in [
            (bands, scaleByteCount, planes.scales, targetPlanes.scales),
            (superBands, superScaleByteCount, planes.superScales, targetPlanes.superScales),
        ] {
            let (from, to) = (from.lowerBound, to.lowerBound)
            switch size {
            case 1: bands.interleaveScales(UInt8.self, source, from, &target, to)
            case 2: bands.interleaveScales(UInt16.self, source, from, &target, to)
            case 4: bands.interleaveScales(UInt32.self, source, from, &target, to)
            default: break
            }
        }
    }
}

/// Bands of 32 rows of some blocks.
private struct Bands {
    let count: Int
    /// Of a row.
    let blocks: Int

    /// Calls `body` with where eight rows' blocks are: of the first row in the source, in blocks
    /// (the next row's is `blocks` further on), and of all eight in the target, in eight blocks.
    @inline(__always)
    private func forEachGroup(_ body: (_ source: Int, _ target: Int) -> Void) {
        let groups = WeightLayout.bandRows / WeightLayout.groupRows
        for band in 0..<count {
            for block in 0..<blocks {
                for group in 0..<groups {
                    let row = band * WeightLayout.bandRows + group * WeightLayout.groupRows
                    body(row * blocks + block, (band * blocks + block) * groups + group)
                }
            }
        }
    }

    /// What there is once for each block of a row.
    func interleaveScales<T: FixedWidthInteger & BitwiseCopyable>(
        _: T.Type,
        _ source: RawSpan,
        _ from: Int,
        _ target: inout MutableRawSpan,
        _ to: Int
    ) {
        let (size, rows) = (MemoryLayout<T>.size, WeightLayout.bandRows)
        for band in 0..<count {
            for block in 0..<blocks {
                for row in 0..<rows {
                    let at = (band * rows + row) * blocks + block
                    let value = source.load(from + size * at, as: T.self)
                    target.store(value, to + size * ((band * blocks + block) * rows + row))
                }
            }
        }
    }

    /// Of byte j, bit s belongs to weight 4s + j.
    func interleaveBits(
        _ source: RawSpan,
        _ from: Int,
        _ target: inout MutableRawSpan,
        _ to: Int
    ) {
        forEachGroup { block, place in
            var words = EightWords(source, from + 4 * block, stride: 4 * blocks)
            words.exchangeFours(4, 0x0F0F_0F0F)
            words.exchangeTwos(2, 0x3333_3333)
            words.exchangeOnes(1, 0x5555_5555)
            let at = to + 32 * place
            for s in 0..<8 { target.store(words[s], at + 4 * s) }
        }
    }

    /// Of word h, byte j, bits 2s and 2s + 1 belong to weight 16h + 4s + j.
    func interleavePairs(
        _ source: RawSpan,
        _ from: Int,
        _ target: inout MutableRawSpan,
        _ to: Int
    ) {
        forEachGroup { block, place in
            for half in 0..<2 {
                let start = from + 8 * block + 4 * half
                var words = EightWords(source, start, stride: 8 * blocks)
                words.exchangeTwos(4, 0x0F0F_0F0F)
                words.exchangeOnes(2, 0x3333_3333)
                let at = to + 64 * place + 32 * half
                for s in 0..<4 { target.store(inTurn(words[s], words[4 + s]), at + 8 * s) }
            }
        }
    }

    /// Byte i has weight i in its low nibble and weight 16 + i in its high one. The topmost nibble
    /// of eight is made less by eight.
    func interleaveNibbles(
        _ source: RawSpan,
        _ from: Int,
        _ target: inout MutableRawSpan,
        _ to: Int
    ) {
        forEachGroup { block, place in
            for word in 0..<4 {
                let start = from + 16 * block + 4 * word
                var words = EightWords(source, start, stride: 16 * blocks)
                words.exchangeFours(16, 0x0000_FFFF)
                words.exchangeTwos(8, 0x00FF_00FF)
                words.exchangeOnes(4, 0x0F0F_0F0F)
                let at = to + 128 * place + 16 * word
                for byte in 0..<4 {
                    target.store(words[2 * byte] ^ 0x8000_0000, at + 4 * byte)
                    target.store(words[2 * byte + 1] ^ 0x8000_0000, at + 64 + 4 * byte)
                }
            }
        }
    }

    /// Words of bytes, halves or floats in order, `count` to a row's block; they stay words.
    /// - Parameter flipped: bits to be flipped in each.
    func interleaveWords(
        _ count: Int,
        flipped: UInt32 = 0,
        _ source: RawSpan,
        _ from: Int,
        _ target: inout MutableRawSpan,
        _ to: Int
    ) {
        let rows = WeightLayout.groupRows
        forEachGroup { block, place in
            for word in 0..<count {
                let start = from + 4 * (count * block + word)
                let words = EightWords(source, start, stride: 4 * count * blocks)
                let at = to + 4 * rows * (count * place + word)
                for row in 0..<rows { target.store(words[row] ^ flipped, at + 4 * row) }
            }
        }
    }
}
