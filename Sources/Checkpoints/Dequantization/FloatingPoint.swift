/// IEEE 754 single precision.
enum F32: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        Float(bitPattern: block.integer(at: 0))
    }
}

/// IEEE 754 half precision.
enum F16: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        block.half(at: 0)
    }
}

/// Four bits of exponent and three of mantissa, without infinities (Micikevicius et al. 2022).
enum F8_E4M3: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        let bits = UInt32(block.byte(at: 0))
        let (sign, magnitude) = ((bits >> 7) << 31, bits & 0x7F)
        if magnitude == 0x7F { return .nan }
        // As a half-wide exponent in single precision, then scaled by what the biases differ.
        return Float(bitPattern: sign | magnitude << 20) * 0x1p120
    }
}

/// The upper half of a single-precision number.
enum BF16: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        Float(bitPattern: UInt32(block.integer(at: 0, as: UInt16.self)) << 16)
    }
}
