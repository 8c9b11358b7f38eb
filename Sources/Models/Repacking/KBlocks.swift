// The K formats: 256 weights, eight of the device's blocks.

/// 16 bytes of scale and minimum nibbles, 64 bytes of bit pairs, half d, half dmin.
enum Q2_KBlock: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.copy16(bytes, block, planes.scales)
        storage.repackPairs(bytes, block + 16, planes.quants)
        storage.repackPairs(bytes, block + 48, planes.quants + 32)
        storage.store(bytes.load(block + 80, as: UInt32.self), planes.superScales)
    }
}

/// 32 bytes of third bits, 64 bytes of bit pairs, 12 bytes of six-bit scales, half d.
enum Q3_KBlock: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.repackBits(bytes, block, planes.highBits)
        storage.repackPairs(bytes, block + 32, planes.quants)
        storage.repackPairs(bytes, block + 64, planes.quants + 32)
        // Four bits of scale i are a nibble of byte i % 8, two more are in byte 8 + i % 4.
        let high = bytes.load(block + 104, as: UInt32.self)
        for part in 0..<4 {
            let low = bytes.load(block + 96 + 4 * (part % 2), as: UInt32.self) >> (part / 2 * 4)
            let scales =
                (low & 0x0F0F_0F0F) | (high >> UInt32(2 * part) & 0x0303_0303) << 4
            // Less 32, byte by byte.
            let signed = ((scales | 0x8080_8080) - 0x2020_2020) ^ 0x8080_8080
            storage.store(signed, planes.scales + 4 * part)
        }
        storage.store(bytes.load(block + 108, as: UInt16.self), planes.superScales)
    }
}

/// half d, half dmin, 12 bytes of six-bit scales and minima, 128 bytes of nibbles.
enum Q4_KBlock: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt32.self), planes.superScales)
        storage.repackScalesAndMinima(bytes, block + 4, planes.scales)
        for pair in 0..<4 {
            let quants = planes.quants + 32 * pair
            storage.repackNibbles(bytes, block + 16 + 32 * pair, low: quants, high: quants + 16)
        }
    }
}

/// As Q4_K, with 32 bytes of fifth bits before the nibbles.
enum Q5_KBlock: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt32.self), planes.superScales)
        storage.repackScalesAndMinima(bytes, block + 4, planes.scales)
        storage.repackBits(bytes, block + 16, planes.highBits)
        for pair in 0..<4 {
            let quants = planes.quants + 32 * pair
            storage.repackNibbles(bytes, block + 48 + 32 * pair, low: quants, high: quants + 16)
        }
    }
}

/// 128 bytes of nibbles, 64 bytes of upper bit pairs, 16 signed scales, half d.
enum Q6_KBlock: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        for half in 0..<2 {
            let quants = planes.quants + 64 * half
            let nibbles = block + 64 * half
            storage.repackNibbles(bytes, nibbles, low: quants, high: quants + 32)
            storage.repackNibbles(bytes, nibbles + 32, low: quants + 16, high: quants + 48)
            storage.repackPairs(bytes, block + 128 + 32 * half, planes.highBits + 32 * half)
        }
        storage.copy16(bytes, block + 192, planes.scales)
        storage.store(bytes.load(block + 208, as: UInt16.self), planes.superScales)
    }
}

/// half d, eight upper bit pairs and eight nibbles of six-bit scales, 128 bytes of nibbles.
enum IQ4_XSBlock: DividedBlock {
    @inline(__always)
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    ) {
        storage.store(bytes.load(block, as: UInt16.self), planes.superScales)
        let high = UInt32(bytes.load(block + 2, as: UInt16.self))
        let low = bytes.load(block + 4, as: UInt32.self)
        for group in 0..<8 as Range<UInt32> {
            let scale = (low >> (4 * group) & 15) | (high >> (2 * group) & 3) << 4
            storage.store(Int8(scale) - 32, planes.scales + Int(group))
            let offset = 16 * Int(group)
            storage.copy16(bytes, block + 8 + offset, planes.quants + offset)
        }
    }
}

extension MutableRawSpan {
    /// 32 bytes whose low nibbles are one block and whose high nibbles another: 16 bytes each.
    @inline(__always)
    fileprivate mutating func repackNibbles(
        _ bytes: RawSpan,
        _ source: Int,
        low: Int,
        high: Int
    ) {
        let mask: UInt64 = 0x0F0F_0F0F_0F0F_0F0F
        for part in 0..<2 {
            let first = bytes.load(source + 8 * part, as: UInt64.self)
            let second = bytes.load(source + 16 + 8 * part, as: UInt64.self)
            store((first & mask) | (second & mask) << 4, low + 8 * part)
            store((first >> 4 & mask) | (second & ~mask), high + 8 * part)
        }
    }

    /// 32 bytes whose bit pairs `g` are block `g` of four: 8 bytes each.
    @inline(__always)
    fileprivate mutating func repackPairs(_ bytes: RawSpan, _ source: Int, _ offset: Int) {
        for group in 0..<4 {
            for half in 0..<2 {
                var word: UInt32 = 0
                for s in 0..<4 {
                    let four = bytes.load(source + 16 * half + 4 * s, as: UInt32.self)
                    word |= (four >> UInt32(2 * group) & 0x0303_0303) << UInt32(2 * s)
                }
                store(word, offset + 8 * group + 4 * half)
            }
        }
    }

    /// 32 bytes whose bits `g` are block `g` of eight: 4 bytes each.
    @inline(__always)
    fileprivate mutating func repackBits(_ bytes: RawSpan, _ source: Int, _ offset: Int) {
        for group in 0..<8 {
            var word: UInt32 = 0
            for s in 0..<8 {
                let four = bytes.load(source + 4 * s, as: UInt32.self)
                word |= (four >> UInt32(group) & 0x0101_0101) << UInt32(s)
            }
            store(word, offset + 4 * group)
        }
    }

    /// Eight six-bit scales and minima in 12 bytes: two bytes for each of eight blocks. The first
    /// four have a byte each; the others a nibble of the last four bytes, and two bits at the top
    /// of the first ones'.
    @inline(__always)
    fileprivate mutating func repackScalesAndMinima(
        _ bytes: RawSpan,
        _ source: Int,
        _ offset: Int
    ) {
        let scales = bytes.load(source, as: UInt32.self)
        let minima = bytes.load(source + 4, as: UInt32.self)
        let rest = bytes.load(source + 8, as: UInt32.self)
        let first = (scales & 0x3F3F_3F3F, minima & 0x3F3F_3F3F)
        let second = (
            rest & 0x0F0F_0F0F | (scales >> 6 & 0x0303_0303) << 4,
            rest >> 4 & 0x0F0F_0F0F | (minima >> 6 & 0x0303_0303) << 4
        )
        store(inTurn(first.0, first.1), offset)
        store(inTurn(second.0, second.1), offset + 8)
    }
}

/// The bytes of two words in turn.
@inline(__always)
func inTurn(_ even: UInt32, _ odd: UInt32) -> UInt64 {
    func spread(_ word: UInt32) -> UInt64 {
        let pairs = (UInt64(word) | UInt64(word) << 16) & 0x0000_FFFF_0000_FFFF
        return (pairs | pairs << 8) & 0x00FF_00FF_00FF_00FF
    }
    return spread(even) | spread(odd) << 8
}
