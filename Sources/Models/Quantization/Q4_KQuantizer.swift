/// 256 numbers in eight sub-blocks of 32: `d × scale × q − dmin × minimum`, q of four bits, scale
/// and minimum of six, d and dmin halves.
///
/// Each sub-block's scale and minimum are those of least weighted squares, over codes of some
/// scales near that of its range; large numbers weigh more. A lane is a sub-block.
enum Q4_KQuantizer: BlockQuantizer {
    /// The most a code, and a scale or a minimum, can be.
    private static let (most, mostScale): (Float, Float) = (15, 63)

    @inline(__always)
    static func quantize(
        _ values: RawSpan,
        _ start: Int,
        into bytes: inout MutableRawSpan,
        _ block: Int
    ) {
        let numbers = InlineArray<32, SIMD8<Float>> { index in
            var lanes = SIMD8<Float>()
            for lane in 0..<8 { lanes[lane] = values.float(start + 128 * lane + 4 * index) }
            return lanes
        }
        let (scales, minima) = fit(numbers.span)
        let d = Float16(scales.greatest / mostScale)
        let dmin = Float16(minima.greatest / mostScale)
        let wholeScales = codes(scales, of: scales.greatest)
        let wholeMinima = codes(minima, of: minima.greatest)
        bytes.store(d.bitPattern, block)
        bytes.store(dmin.bitPattern, block + 2)
        store(wholeScales, wholeMinima, &bytes, block + 4)

        let scale = wholeScales * Float(d)
        var inverse = 1 / scale
        inverse.replace(with: 0, where: scale .== 0)
        let minimum = wholeMinima * Float(dmin)
        for index in 0..<32 {
            let code = ((numbers.span[index] + minimum) * inverse).clamped(0, most).nearest
            let quants = SIMD8<UInt8>(truncatingIfNeeded: (code + Rounding.bias).bits)
            let pairs = quants.evenHalf | quants.oddHalf &<< 4
            for pair in 0..<4 { bytes.store(pairs[pair], block + 16 + 32 * pair + index) }
        }
    }

    /// Numbers as parts of 63 of the greatest.
    @inline(__always)
    private static func codes(_ numbers: SIMD8<Float>, of greatest: Float) -> SIMD8<Float> {
        greatest > 0 ? (numbers * (mostScale / greatest)).clamped(0, mostScale).nearest : .zero
    }

    /// Eight scales and what is to be subtracted of eight sub-blocks, none negative.
    @inline(__always)
    private static func fit(
        _ numbers: Span<SIMD8<Float>>
    ) -> (scales: SIMD8<Float>, minima: SIMD8<Float>) {
        var least = SIMD8<Float>.zero
        var greatest = numbers[0]
        var squares = SIMD8<Float>.zero
        for index in 0..<32 {
            let number = numbers[index]
            least = least.lesser(number)
            greatest = greatest.greater(number)
            squares += number * number
        }
        let usual = (squares / 32).squareRoot()
        var sums = Sums()
        for index in 0..<32 {
            let number = numbers[index]
            let weighted = (usual + number.magnitudes) * number
            sums.weights += usual + number.magnitudes
            sums.numbers += weighted
            sums.squares += weighted * number
        }
        let range = greatest - least
        var inverse = 1 / range
        inverse.replace(with: 0, where: range .== 0)
        var best = (scale: range / most, minimum: least)
        var error = SIMD8<Float>(repeating: .infinity)
        let greatestCode = SIMD8<Float>(repeating: most)
        for step in 0...20 {
            let factor = inverse * (most - 1 + 0.1 * Float(step))
            sums.codes = .zero
            sums.codeSquares = .zero
            sums.products = .zero
            for index in 0..<32 {
                let number = numbers[index]
                let code = ((number - least) * factor).lesser(greatestCode).nearest
                let weighted = (usual + number.magnitudes) * code
                sums.codes += weighted
                sums.codeSquares += weighted * code
                sums.products += weighted * number
            }
            let line = sums.line
            let isBetter = line.error .< error
            best.scale.replace(with: line.scale, where: isBetter)
            best.minimum.replace(with: line.minimum, where: isBetter)
            error.replace(with: line.error, where: isBetter)
        }
        return (best.scale, -best.minimum)
    }

    /// Weighted sums over a sub-block's numbers and their codes.
    private struct Sums {
        var weights = SIMD8<Float>.zero
        var numbers = SIMD8<Float>.zero
        var squares = SIMD8<Float>.zero
        var codes = SIMD8<Float>.zero
        var codeSquares = SIMD8<Float>.zero
        var products = SIMD8<Float>.zero

        /// The line `scale × code + minimum`, with a minimum that is not positive, whose weighted
        /// squared error is the least, and that error; where codes hardly differ there is none, and
        /// the error is no number.
        @inline(__always)
        var line: (scale: SIMD8<Float>, minimum: SIMD8<Float>, error: SIMD8<Float>) {
            let determinant = weights * codeSquares - codes * codes
            var scale = (weights * products - numbers * codes) / determinant
            var minimum = (codeSquares * numbers - codes * products) / determinant
            let isPositive = minimum .> 0
            scale.replace(with: products / codeSquares, where: isPositive)
            minimum.replace(with: 0, where: isPositive)
            let ofScale = scale * codeSquares + 2 * (minimum * codes - products)
            let ofMinimum = minimum * weights - 2 * numbers
            var error = scale * ofScale + minimum * ofMinimum + squares
            error.replace(with: .nan, where: determinant .<= 1e-5 * (weights * codeSquares))
            return (scale, minimum, error)
        }
    }

    /// Eight scales and minima of six bits in 12 bytes: the first four have a byte each, and in its
    /// top bits those of the others, whose low bits are the last four bytes.
    @inline(__always)
    private static func store(
        _ scales: SIMD8<Float>,
        _ minima: SIMD8<Float>,
        _ bytes: inout MutableRawSpan,
        _ offset: Int
    ) {
        let scales = SIMD8<UInt8>(truncatingIfNeeded: (scales + Rounding.bias).bits)
        let minima = SIMD8<UInt8>(truncatingIfNeeded: (minima + Rounding.bias).bits)
        let high = (scales.highHalf & 0x30) &<< 2 | scales.lowHalf
        let highMinima = (minima.highHalf & 0x30) &<< 2 | minima.lowHalf
        let low = scales.highHalf & 15 | minima.highHalf &<< 4
        for index in 0..<4 {
            bytes.store(high[index], offset + index)
            bytes.store(highMinima[index], offset + 4 + index)
            bytes.store(low[index], offset + 8 + index)
        }
    }
}
