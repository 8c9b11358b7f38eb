import Checkpoints

/// Makes the blocks of a type of numbers in single precision.
protocol BlockQuantizer {
    /// Makes the block at `block` of `bytes` of the floats that begin at `start` of `values`, in
    /// bytes both.
    static func quantize(
        _ values: RawSpan,
        _ start: Int,
        into bytes: inout MutableRawSpan,
        _ block: Int
    )
}

extension DataType {
    /// Makes whole blocks of this type of `values`, floats.
    package func quantize(_ values: RawSpan, into bytes: inout MutableRawSpan, at offset: Int) {
        guard let quantizer else { preconditionFailure("nothing quantises to \(self)") }
        precondition(
            values.byteCount % (4 * blockSize) == 0,
            "\(values.byteCount / 4) numbers are no blocks of \(self)"
        )
        quantize(values, as: quantizer, into: &bytes, at: offset)
    }

    private func quantize<Quantizer: BlockQuantizer>(
        _ values: RawSpan,
        as quantizer: Quantizer.Type,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) {
        let (from, to) = (4 * blockSize, blockByteCount)
        for block in 0..<values.byteCount / from {
            Quantizer.quantize(values, block * from, into: &bytes, offset + block * to)
        }
    }

    /// Replaces `values` by the numbers that `bytes` store in this type, one of plain floats.
    /// - Parameter bytes: of a multiple of eight numbers.
    package func widen(_ bytes: RawSpan, into values: inout [Float]) {
        let count = bytes.byteCount / blockByteCount
        precondition(isPlainFloat && count % 8 == 0, "\(count) numbers of \(self)")
        if values.count != count { values = [Float](repeating: 0, count: count) }
        var span = values.mutableSpan
        var target = unsafe span.mutableBytes
        switch self {
        case .f16:
            for at in stride(from: 0, to: count, by: 8) {
                target.store(widened(halves: bytes.eight(2 * at)), 4 * at)
            }
        case .bf16:
            for at in stride(from: 0, to: count, by: 8) {
                let bits = SIMD8<UInt32>(truncatingIfNeeded: bytes.eight(2 * at) as SIMD8<UInt16>)
                target.store(bits &<< 16, 4 * at)
            }
        default:
            for at in stride(from: 0, to: count, by: 8) {
                target.store(bytes.eight(4 * at) as SIMD8<UInt32>, 4 * at)
            }
        }
    }
}

/// Eight halves in single precision.
@inline(__always)
private func widened(halves: SIMD8<UInt16>) -> SIMD8<UInt32> {
    let bits = SIMD8<UInt32>(truncatingIfNeeded: halves)
    let magnitude = (bits & 0x7FFF) &<< 13
    // The exponent of a half, read as one of single precision, is 112 too small.
    var widened = SIMD8<Float>(bits: magnitude) * 0x1p112
    let exception = SIMD8<Float>(bits: magnitude | 0x7F80_0000)
    widened.replace(with: exception, where: widened .>= 65536)
    return widened.bits | (bits & 0x8000) &<< 16
}

extension RawSpan {
    /// The eight numbers at a byte offset, which need not be aligned.
    @inline(__always)
    func eight<Scalar>(_ offset: Int) -> SIMD8<Scalar>
    where Scalar.SIMD8Storage: BitwiseCopyable {
        // Every bit pattern is a number; the bounds are checked.
        unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD8<Scalar>.self)
    }

    /// The float at a byte offset.
    @inline(__always)
    func float(_ offset: Int) -> Float {
        Float(bitPattern: load(offset, as: UInt32.self))
    }
}

extension MutableRawSpan {
    /// Puts numbers at a byte offset, which need not be aligned.
    @inline(__always)
    mutating func store<Scalar>(_ values: SIMD8<Scalar>, _ offset: Int)
    where Scalar.SIMD8Storage: BitwiseCopyable {
        storeBytes(of: values, toByteOffset: offset, as: SIMD8<Scalar>.self)
    }
}

extension SIMD8<Float> {
    @inline(__always)
    init(bits: SIMD8<UInt32>) { self = unsafe unsafeBitCast(bits, to: SIMD8<Float>.self) }

    @inline(__always)
    var bits: SIMD8<UInt32> { unsafe unsafeBitCast(self, to: SIMD8<UInt32>.self) }
}

/// Whole numbers to round to in registers: a float of this size has no bits behind the point.
enum Rounding {
    static let bias: Float = 0x1.8p23
}

/// By operations that become instructions for all lanes, as `pointwiseMin` for one does not.
extension SIMD8<Float> {
    /// The nearest whole numbers, halves to even ones; of numbers up to 2^22.
    @inline(__always)
    var nearest: Self { (self + Rounding.bias) - Rounding.bias }

    @inline(__always)
    var magnitudes: Self { Self(bits: bits & 0x7FFF_FFFF) }

    @inline(__always)
    func lesser(_ other: Self) -> Self { replacing(with: other, where: other .< self) }

    @inline(__always)
    func greater(_ other: Self) -> Self { replacing(with: other, where: other .> self) }

    @inline(__always)
    func clamped(_ least: Float, _ most: Float) -> Self {
        greater(Self(repeating: least)).lesser(Self(repeating: most))
    }

    /// The greatest of all lanes.
    @inline(__always)
    var greatest: Float {
        var greatest = self[0]
        for lane in 1..<8 where self[lane] > greatest { greatest = self[lane] }
        return greatest
    }
}
