// ggml's first formats: 32 elements, one scale, and in the `_1` forms a minimum. Of the four-bit
// halves, elements 0 to 15 are the low nibbles and elements 16 to 31 the high ones.

/// scale (half), 16 bytes of nibbles: `scale × (q − 8)`.
enum Q4_0: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        block.half(at: 0) * Float(block.nibble(index, of: 16, from: 2) - 8)
    }
}

/// scale, minimum (halves), 16 bytes of nibbles: `scale × q + minimum`.
enum Q4_1: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        let product = block.half(at: 0) * Float(block.nibble(index, of: 16, from: 4))
        return product + block.half(at: 2)
    }
}

/// scale (half), 32 fifth bits, 16 bytes of nibbles: `scale × (q − 16)`.
enum Q5_0: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        let quant = block.nibble(index, of: 16, from: 6) | block.bit(index, from: 2) << 4
        return block.half(at: 0) * Float(quant - 16)
    }
}

/// scale, minimum (halves), 32 fifth bits, 16 bytes of nibbles: `scale × q + minimum`.
enum Q5_1: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        let quant = block.nibble(index, of: 16, from: 8) | block.bit(index, from: 4) << 4
        return block.half(at: 0) * Float(quant) + block.half(at: 2)
    }
}

/// scale (half), 32 signed bytes: `scale × q`.
enum Q8_0: BlockFormat {
    static func element(_ index: Int, of block: RawSpan) -> Float {
        block.half(at: 0) * Float(block.signedByte(at: 2 + index))
    }
}
