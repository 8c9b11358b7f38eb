import Checkpoints
import Kernels

/// A tensor's bytes as the device wants them: quants and scales in planes of their own.
struct RepackedPlanes {
    var quants: [UInt8] = []
    var scales: [UInt8] = []

    /// Repacks a tensor and appends it: rows stack up.
    mutating func append(_ bytes: RawSpan, _ type: DataType) {
        let blocks = bytes.byteCount / type.blockByteCount
        switch type {
        case .q4_1:
            reserve(blocks, .q4_1)
            for block in 0..<blocks {
                copy(bytes, from: block * 20, count: 4, into: &scales)
                copy(bytes, from: block * 20 + 4, count: 16, into: &quants)
            }
        case .q4_0:
            // d * (q - 8) = d * q - 8 d, and -8 d is a half whenever d is: Q4_0 becomes Q4_1.
            reserve(blocks, .q4_1)
            for block in 0..<blocks {
                let scale = bytes.unsafeLoadHalf(at: block * 18)
                copy(bytes, from: block * 18, count: 2, into: &scales)
                let minimum = (scale * -8).bitPattern
                scales.append(UInt8(truncatingIfNeeded: minimum))
                scales.append(UInt8(truncatingIfNeeded: minimum >> 8))
                copy(bytes, from: block * 18 + 2, count: 16, into: &quants)
            }
        case .q8_0:
            reserve(blocks, .q8_0)
            for block in 0..<blocks {
                copy(bytes, from: block * 34, count: 2, into: &scales)
                copy(bytes, from: block * 34 + 2, count: 32, into: &quants)
            }
        default:
            copy(bytes, from: 0, count: bytes.byteCount, into: &quants)
        }
    }

    /// Interleaves the rows of what was appended.
    mutating func interleave(_ format: WeightFormat, rows: Int, columns: Int) {
        quants =
            format.interleavedQuants(quants.integers(UInt32.self), rows: rows, columns: columns)
            .bytes
        scales =
            format.scaleByteCount == 4
            ? format.interleavedScales(
                scales.integers(UInt32.self),
                rows: rows,
                columns: columns
            ).bytes
            : format.interleavedScales(
                scales.integers(UInt16.self),
                rows: rows,
                columns: columns
            ).bytes
    }

    private mutating func reserve(_ blocks: Int, _ format: WeightFormat) {
        quants.reserveCapacity(quants.count + blocks * format.quantByteCount)
        scales.reserveCapacity(scales.count + blocks * format.scaleByteCount)
    }

    private func copy(
        _ bytes: RawSpan,
        from start: Int,
        count: Int,
        into plane: inout [UInt8]
    ) {
        unsafe bytes.withUnsafeBytes { source in
            unsafe plane.append(contentsOf: source[start..<start + count])
        }
    }
}

extension [UInt8] {
    /// The bytes as integers.
    fileprivate func integers<T: FixedWidthInteger>(_: T.Type) -> [T] {
        unsafe withUnsafeBytes { unsafe [T]($0.bindMemory(to: T.self)) }
    }
}

extension Array where Element: FixedWidthInteger {
    /// The integers as bytes.
    fileprivate var bytes: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }
}

extension RawSpan {
    /// The half at a byte offset, little-endian.
    fileprivate func unsafeLoadHalf(at offset: Int) -> Float16 {
        Float16(bitPattern: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
}

extension DataType {
    /// The format a tensor of this type has on the device, if kernels read it.
    var weightFormat: WeightFormat? {
        switch self {
        case .q4_0, .q4_1: .q4_1
        case .q8_0: .q8_0
        case .f16: .f16
        case .bf16: .bf16
        case .f32: .f32
        default: nil
        }
    }

    /// Spellings of the types that `weightFormat` knows.
    static var supportedSpellings: [String] {
        allCases.filter { $0.weightFormat != nil }.map(\.description)
    }
}
