/// 256 numbers in sixteen sub-blocks of 16: `d × scale × q`, q of six bits with a sign, scale a
/// signed byte, d a half.
///
/// Each sub-block's scale is that of least squares weighted by squares, over codes of some scales
/// near that of its greatest number. A lane is a sub-block of one half.
enum Q6_KQuantizer: BlockQuantizer {
    /// Number n of each of eight sub-blocks.
    private typealias Half = InlineArray<16, SIMD8<Float>>

    @inline(__always)
    static func quantize(
        _ values: RawSpan,
        _ start: Int,
        into bytes: inout MutableRawSpan,
        _ block: Int
    ) {
        let halves = (half(values, start), half(values, start + 512))
        let scales = (fit(halves.0.span), fit(halves.1.span))
        let most = scales.0.greater(scales.1).greatest
        let least = -(-scales.0).greater(-scales.1).greatest
        // The greatest becomes -128, which has no counterpart.
        let greatest = -least > most ? least : most
        let inverse = greatest == 0 ? 0 : -128 / greatest
        let d = Float16(greatest / -128)
        store(halves.0.span, (scales.0 * inverse).clamped(-128, 127).nearest, d, &bytes, block, 0)
        store(halves.1.span, (scales.1 * inverse).clamped(-128, 127).nearest, d, &bytes, block, 1)
        bytes.store(d.bitPattern, block + 208)
    }

    @inline(__always)
    private static func half(_ values: RawSpan, _ start: Int) -> Half {
        Half { index in
            var lanes = SIMD8<Float>()
            for lane in 0..<8 { lanes[lane] = values.float(start + 64 * lane + 4 * index) }
            return lanes
        }
    }

    /// The scales of eight sub-blocks.
    @inline(__always)
    private static func fit(_ numbers: Span<SIMD8<Float>>) -> SIMD8<Float> {
        var greatest = SIMD8<Float>.zero
        for index in 0..<16 {
            let number = numbers[index]
            let isGreater = number.magnitudes .> greatest.magnitudes
            greatest.replace(with: number, where: isGreater)
        }
        var inverse = -1 / greatest
        inverse.replace(with: 0, where: greatest .== 0)
        var scale = SIMD8<Float>.zero
        var best = SIMD8<Float>.zero
        for step in -9...9 {
            let factor = inverse * (32 + 0.1 * Float(step))
            var (products, squares) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
            for index in 0..<16 {
                let number = numbers[index]
                let code = (number * factor).clamped(-32, 31).nearest
                let weighted = number * number * code
                products += weighted * number
                squares += weighted * code
            }
            // What of the weighted squares the scale accounts for.
            let found = products * products / squares
            let isBetter = found .> best
            scale.replace(with: products / squares, where: isBetter)
            best.replace(with: found, where: isBetter)
        }
        return scale
    }

    /// A half's codes: their low nibbles in 64 bytes, their pairs of high bits in 32; and its
    /// scales.
    @inline(__always)
    private static func store(
        _ numbers: Span<SIMD8<Float>>,
        _ scales: SIMD8<Float>,
        _ d: Float16,
        _ bytes: inout MutableRawSpan,
        _ block: Int,
        _ half: Int
    ) {
        let scale = scales * Float(d)
        var inverse = 1 / scale
        inverse.replace(with: 0, where: scale .== 0)
        for index in 0..<16 {
            let code = (numbers[index] * inverse).clamped(-32, 31).nearest + 32
            let codes = Self.bytes(code)
            // Two sub-blocks follow each other in each of four rows of 32 codes.
            for part in 0..<2 {
                let (a, b) = (codes[part], codes[2 + part])
                let (c, d) = (codes[4 + part], codes[6 + part])
                let place = block + 64 * half + 16 * part + index
                bytes.store(a & 15 | c << 4, place)
                bytes.store(b & 15 | d << 4, place + 32)
                let high = a >> 4 | (b & 0x30) >> 2 | c & 0x30 | (d & 0x30) << 2
                bytes.store(high, block + 128 + 32 * half + 16 * part + index)
            }
        }
        bytes.store(Self.bytes(scales), block + 192 + 8 * half)
    }

    /// Whole numbers as bytes.
    @inline(__always)
    private static func bytes(_ numbers: SIMD8<Float>) -> SIMD8<UInt8> {
        SIMD8<UInt8>(truncatingIfNeeded: (numbers + Rounding.bias).bits)
    }
}
