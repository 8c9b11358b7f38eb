// The K formats: 256 elements in 8 groups of 32 or 16 groups of 16, each with a small scale (and in
// some a minimum) that is itself quantised against the block's.

/// 16 bytes of scale and minimum nibbles, 64 bytes of two-bit quants, scale, minimum (halves):
/// `(scale × s) × q − (minimum × m)`, in groups of 16.
enum Q2_K: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        let scales = block.byte(at: index / 16)
        let scale = block.half(at: 80) * Float(scales & 15)
        let minimum = block.half(at: 82) * Float(scales >> 4)
        return scale * Float(twoBits(index, of: block, from: 16)) - minimum
    }

    /// Two bits per element: each 128 elements take 32 bytes, and element `i` of them is at bit
    /// `2 × (i / 32)` of byte `i % 32`.
    @inline(__always)
    static func twoBits(_ index: Int, of block: RawSpan, from start: Int) -> Int {
        let byte = block.byte(at: start + index / 128 * 32 + index % 32)
        return Int(byte >> UInt8(index % 128 / 32 * 2) & 3)
    }
}

/// 32 bytes of third bits, 64 bytes of two-bit quants, 12 bytes of six-bit scales, scale (half):
/// `(scale × (s − 32)) × (q − 4)`, in groups of 16.
enum Q3_K: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        // Bit `index / 32` of byte `index % 32`.
        let high = Int(block.byte(at: index % 32) >> UInt8(index / 32) & 1)
        let quant = Q2_K.twoBits(index, of: block, from: 32) | high << 2
        return block.half(at: 108) * Float(scale(index / 16, of: block) - 32) * Float(quant - 4)
    }

    /// The six bits of a group's scale: four in the nibbles of the first eight bytes, two in the
    /// last four bytes.
    private static func scale(_ group: Int, of block: RawSpan) -> Int {
        let low = block.nibble(group, of: 8, from: 96)
        let high = block.byte(at: 104 + group % 4) >> UInt8(group / 4 * 2) & 3
        return low | Int(high) << 4
    }
}

/// scale, minimum (halves), 12 bytes of six-bit scales and minima, 128 bytes of nibbles:
/// `(scale × s) × q − (minimum × m)`, in groups of 32.
enum Q4_K: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        let (scale, minimum) = scaleAndMinimum(index / 32, of: block)
        return scale * Float(nibble(index, of: block, from: 16)) - minimum
    }

    /// Of each 64 elements, 32 bytes: the first 32 elements are the low nibbles.
    @inline(__always)
    static func nibble(_ index: Int, of block: RawSpan, from start: Int) -> Int {
        block.nibble(index % 64, of: 32, from: start + index / 64 * 32)
    }

    /// The scale and minimum of a group of 32. Groups 0 to 3 have their six bits in one byte each;
    /// groups 4 to 7 have four in a nibble of the last four bytes, and two at the top of those of
    /// groups 0 to 3.
    @inline(__always)
    static func scaleAndMinimum(_ group: Int, of block: RawSpan) -> (Float, Float) {
        let lane = group % 4
        let (scales, minima) = (block.byte(at: 4 + lane), block.byte(at: 8 + lane))
        let rest = block.byte(at: 12 + lane)
        let isLow = group < 4
        let scale = isLow ? scales & 63 : rest & 15 | (scales >> 6) << 4
        let minimum = isLow ? minima & 63 : rest >> 4 | (minima >> 6) << 4
        return (block.half(at: 0) * Float(scale), block.half(at: 2) * Float(minimum))
    }
}

/// As Q4_K, with 32 bytes of fifth bits before the nibbles.
enum Q5_K: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        let (scale, minimum) = Q4_K.scaleAndMinimum(index / 32, of: block)
        // Bit `index / 32` of byte `index % 32`.
        let high = Int(block.byte(at: 16 + index % 32) >> UInt8(index / 32) & 1)
        return scale * Float(Q4_K.nibble(index, of: block, from: 48) | high << 4) - minimum
    }
}

/// 128 bytes of nibbles, 64 bytes of upper bit pairs, 16 signed scales, scale (half):
/// `(scale × s) × (q − 32)`, in groups of 16.
enum Q6_K: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        // Of each 128 elements, 64 bytes: the first 64 elements are the low nibbles.
        let low = block.nibble(index % 128, of: 64, from: index / 128 * 64)
        let quant = low | Q2_K.twoBits(index, of: block, from: 128) << 4
        let scale = block.half(at: 208) * Float(block.signedByte(at: 192 + index / 16))
        return scale * Float(quant - 32)
    }
}
