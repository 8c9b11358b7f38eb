package import Checkpoints
package import Kernels

// From the formats of checkpoints to those of the device: a block's bytes are distributed over
// planes, and its bits laid out so that a mask yields four neighbours (`Shaders/include/quants`).
// No weight changes: a test compares them bit by bit.

extension DataType {
    /// The format a tensor of this type has on the device, if kernels read it.
    package var weightFormat: WeightFormat? { repacking?.format }

    /// Spellings of the types that `weightFormat` knows.
    package static var supportedSpellings: [String] {
        allCases.filter { $0.weightFormat != nil }.map(\.description)
    }

    /// Bytes that `count` weights take in a file.
    func byteCount(of count: Int) -> Int { count / blockSize * blockByteCount }

    /// Repacks whole blocks of a tensor of this type.
    /// - Parameters:
    ///   - bytes: blocks as they are in the file.
    ///   - storage: the memory of a matrix, or of a part of it.
    ///   - planes: where in `storage` the planes of these blocks are.
    package func repack(
        _ bytes: RawSpan,
        into storage: inout MutableRawSpan,
        planes: WeightPlaneRanges
    ) {
        guard let repacking else { preconditionFailure("\(self) has no format on the device") }
        repacking.block.repackAll(
            bytes,
            blockByteCount: blockByteCount,
            into: &storage,
            planes: planes
        )
    }

    private var repacking: (format: WeightFormat, block: any RepackedBlock.Type)? {
        switch self {
        case .q4_0: (.q4_0, Q4_0Block.self)
        case .q4_1: (.q4_1, Q4_1Block.self)
        case .q5_0: (.q5_0, Q5_0Block.self)
        case .q5_1: (.q5_1, Q5_1Block.self)
        case .q8_0: (.q8_0, Q8_0Block.self)
        case .q2_K: (.q2_K, Q2_KBlock.self)
        case .q3_K: (.q3_K, Q3_KBlock.self)
        case .q4_K: (.q4_K, Q4_KBlock.self)
        case .q5_K: (.q5_K, Q5_KBlock.self)
        case .q6_K: (.q6_K, Q6_KBlock.self)
        case .iq4_nl: (.iq4_nl, Q4_0Block.self)
        case .iq4_xs: (.iq4_xs, IQ4_XSBlock.self)
        case .mxfp4: (.mxfp4, MXFP4Block.self)
        case .f16: (.f16, PlainBlock.self)
        case .bf16: (.bf16, PlainBlock.self)
        case .f32: (.f32, PlainBlock.self)
        default: nil
        }
    }
}

/// A block of a checkpoint's format that can be repacked.
protocol RepackedBlock {
    /// Repacks blocks of `blockByteCount` bytes.
    static func repackAll(
        _ bytes: RawSpan,
        blockByteCount: Int,
        into storage: inout MutableRawSpan,
        planes: WeightPlaneRanges
    )
}

/// One whose parts go to planes of their own.
protocol DividedBlock: RepackedBlock {
    /// Repacks the block whose bytes begin at `block` of `bytes`.
    static func repack(
        _ bytes: RawSpan,
        _ block: Int,
        into storage: inout MutableRawSpan,
        _ planes: PlanePositions
    )
}

/// Where in the storage one block's parts go.
struct PlanePositions {
    var quants: Int
    var highBits: Int
    var scales: Int
    var superScales: Int
}

extension DividedBlock {
    static func repackAll(
        _ bytes: RawSpan,
        blockByteCount: Int,
        into storage: inout MutableRawSpan,
        planes: WeightPlaneRanges
    ) {
        let blockCount = bytes.byteCount / blockByteCount
        precondition(
            bytes.byteCount % blockByteCount == 0 && planes.byteCount <= storage.byteCount
                && planes.all.allSatisfy { $0.count % max(blockCount, 1) == 0 },
            "\(bytes.byteCount) bytes, blocks of \(blockByteCount), into \(planes.all)"
        )
        guard blockCount > 0 else { return }
        let step = PlanePositions(
            quants: planes.quants.count / blockCount,
            highBits: planes.highBits.count / blockCount,
            scales: planes.scales.count / blockCount,
            superScales: planes.superScales.count / blockCount
        )
        var at = PlanePositions(
            quants: planes.quants.lowerBound,
            highBits: planes.highBits.lowerBound,
            scales: planes.scales.lowerBound,
            superScales: planes.superScales.lowerBound
        )
        for block in 0..<blockCount {
            repack(bytes, block * blockByteCount, into: &storage, at)
            at.quants += step.quants
            at.highBits += step.highBits
            at.scales += step.scales
            at.superScales += step.superScales
        }
    }
}

extension RawSpan {
    /// The little-endian integer at a byte offset, which need not be aligned.
    @inline(__always)
    func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type) -> T {
        // Every bit pattern is an integer; the bounds are checked.
        T(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
    }
}

extension MutableRawSpan {
    /// Puts an integer at a byte offset, which need not be aligned.
    @inline(__always)
    mutating func store<T: FixedWidthInteger & BitwiseCopyable>(_ value: T, _ offset: Int) {
        storeBytes(of: value.littleEndian, toByteOffset: offset, as: T.self)
    }

    /// Copies 16 bytes.
    @inline(__always)
    mutating func copy16(_ bytes: RawSpan, _ source: Int, _ offset: Int) {
        store(bytes.load(source, as: UInt64.self), offset)
        store(bytes.load(source + 8, as: UInt64.self), offset + 8)
    }
}
