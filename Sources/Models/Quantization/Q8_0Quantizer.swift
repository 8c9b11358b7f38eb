/// 32 numbers as signed bytes times the half `greatest / 127`, by ggml's rule to the bit.
enum Q8_0Quantizer: BlockQuantizer {
    @inline(__always)
    static func quantize(
        _ values: RawSpan,
        _ start: Int,
        into bytes: inout MutableRawSpan,
        _ block: Int
    ) {
        var greatest = SIMD8<Float>.zero
        for part in 0..<4 {
            let numbers: SIMD8<Float> = values.eight(start + 32 * part)
            greatest = greatest.greater(numbers.magnitudes)
        }
        let scale = greatest.greatest / 127
        let inverse = scale == 0 ? 0 : 1 / scale
        bytes.store(Float16(scale).bitPattern, block)
        for part in 0..<4 {
            let numbers = values.eight(start + 32 * part) * inverse
            let magnitude = numbers.magnitudes
            // Halves go away from zero.
            var whole = magnitude.nearest
            whole.replace(with: whole + 1, where: magnitude - whole .== 0.5)
            whole.replace(with: -whole, where: numbers .< 0)
            let quants = SIMD8<UInt8>(truncatingIfNeeded: (whole + Rounding.bias).bits)
            bytes.store(quants, block + 2 + 8 * part)
        }
    }
}
