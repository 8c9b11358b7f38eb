// Formats whose four bits are an index into sixteen uneven levels.

/// scale (half), 16 bytes of nibbles: `scale × levels[q]`, 32 elements.
enum IQ4_NL: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        block.half(at: 0) * level(block.nibble(index, of: 16, from: 2))
    }

    /// The levels of ggml's `kvalues_iq4nl`.
    @inline(__always)
    static func level(_ code: Int) -> Float {
        levels[code]
    }

    private static let levels: [Float] = [
        -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
    ]
}

/// scale (half), eight upper bit pairs and eight nibbles of six-bit scales, 128 bytes of nibbles:
/// `(scale × (s − 32)) × levels[q]`, 256 elements in groups of 32.
enum IQ4_XS: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        let group = index / 32
        let low = Int(block.byte(at: 4 + group / 2) >> UInt8(group % 2 * 4) & 15)
        let high = Int(block.integer(at: 2, as: UInt16.self) >> UInt16(group * 2) & 3)
        let scale = block.half(at: 0) * Float((low | high << 4) - 32)
        return scale * IQ4_NL.level(block.nibble(index % 32, of: 16, from: 8 + group * 16))
    }
}

/// exponent (byte), 16 bytes of nibbles: `2^(exponent − 127) × levels[q]`, 32 elements. OCP
/// Microscaling Formats 1.0, E8M0 scales and E2M1 elements; an exponent of 255 is not treated as
/// NaN, as in ggml.
enum MXFP4: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        halfPower(block.byte(at: 0)) * doubledLevels[block.nibble(index, of: 16, from: 1)]
    }

    /// `2^(exponent − 128)`: half the scale, because the levels are doubled to be whole.
    private static func halfPower(_ exponent: UInt8) -> Float {
        // The two smallest are below the normal numbers.
        Float(
            bitPattern: exponent < 2 ? 0x0020_0000 << UInt32(exponent) : UInt32(exponent - 1) << 23
        )
    }

    private static let doubledLevels: [Float] = [
        0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12,
    ]
}
