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

/// The upper half of a single-precision number.
enum BF16: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        Float(bitPattern: UInt32(block.integer(at: 0, as: UInt16.self)) << 16)
    }
}
