/// The formats weights have on the device; `Shaders/include/formats` has a file for each, which
/// says what its planes hold.
public enum WeightFormat: String, Sendable, CaseIterable, Codable {
    case q4_0, q4_1, q5_0, q5_1, q8_0
    case q2_K, q3_K, q4_K, q5_K, q6_K
    case iq4_nl, iq4_xs, mxfp4
    case f16, bf16, f32

    /// Weights are unpacked in blocks of this many.
    public static let blockSize = 32

    /// Blocks that share a place in the plane of super-scales.
    public static let blocksPerSuperScale = 8

    /// A row's weights are a multiple of this many.
    public var columnGranularity: Int {
        superScaleByteCount == 0
            ? Self.blockSize : Self.blocksPerSuperScale * Self.blockSize
    }

    /// Bits of a weight in the plane of quants; shaders call them `LOW_BITS`.
    public var lowBits: Int {
        switch self {
        case .q2_K, .q3_K: 2
        case .q4_0, .q4_1, .q5_0, .q5_1, .q4_K, .q5_K, .q6_K, .iq4_nl, .iq4_xs, .mxfp4: 4
        case .q8_0: 8
        case .f16, .bf16: 16
        case .f32: 32
        }
    }

    /// Bits of a weight in the plane of high bits; shaders call them `HIGH_BITS`.
    public var highBits: Int {
        switch self {
        case .q3_K, .q5_0, .q5_1, .q5_K: 1
        case .q6_K: 2
        default: 0
        }
    }

    /// Bytes of the scales and minima of a block.
    public var scaleByteCount: Int {
        switch self {
        case .q4_0, .q5_0, .q8_0, .iq4_nl, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K: 2
        case .q4_1, .q5_1: 4
        case .iq4_xs, .mxfp4: 1
        case .f16, .bf16, .f32: 0
        }
    }

    /// Bytes of what the scales of eight blocks are multiplied by.
    public var superScaleByteCount: Int {
        switch self {
        case .q2_K, .q4_K, .q5_K: 4
        case .q3_K, .q6_K, .iq4_xs: 2
        default: 0
        }
    }

    /// Neighbours in a row that have one scale; shaders call them `SCALED_COLUMNS`.
    public var scaledColumns: Int {
        switch self {
        case .q2_K, .q3_K, .q6_K: 16
        default: 32
        }
    }

    /// Whether a weight is a scale times a whole number, less an offset, so that products need the
    /// sums of what they multiply; shaders call it `HAS_OFFSETS`.
    public var hasOffsets: Bool {
        switch self {
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K: true
        case .iq4_nl, .iq4_xs, .mxfp4, .f16, .bf16, .f32: false
        }
    }

    /// Whether a quant is the place of a number in a table, which is work to unpack; shaders call
    /// it `HAS_LEVELS`.
    public var hasLevels: Bool {
        switch self {
        case .iq4_nl, .iq4_xs, .mxfp4: true
        default: false
        }
    }

    /// Bytes a block takes in each plane; of super-scales, eight blocks.
    private var byteCounts: (quants: Int, highBits: Int, scales: Int, superScales: Int) {
        let bytes = Self.blockSize / 8
        return (bytes * lowBits, bytes * highBits, scaleByteCount, superScaleByteCount)
    }

    /// Bytes of the weights of a matrix, without what rounding sizes up adds.
    public func byteCount(rows: Int, columns: Int) -> Int {
        let (quants, highBits, scales, superScales) = byteCounts
        let blocks = rows * columns / Self.blockSize
        return blocks * (quants + highBits + scales)
            + blocks / Self.blocksPerSuperScale * superScales
    }

    /// Where the planes of `blockCount` blocks are.
    public func planes(blockCount: Int) -> WeightPlaneRanges {
        let counts = byteCounts
        precondition(
            blockCount % (columnGranularity / Self.blockSize) == 0,
            "\(blockCount) blocks of \(self) are no whole number of super-blocks"
        )
        var end = 0
        func next(_ byteCount: Int) -> Range<Int> {
            let start = (end + WeightPlaneRanges.alignment - 1) & -WeightPlaneRanges.alignment
            end = start + byteCount
            return start..<end
        }
        return WeightPlaneRanges(
            quants: next(counts.quants * blockCount),
            highBits: next(counts.highBits * blockCount),
            scales: next(counts.scales * blockCount),
            superScales: next(counts.superScales * blockCount / Self.blocksPerSuperScale)
        )
    }

    /// Where `blocks` are in the planes of a matrix.
    public func ranges(of blocks: Range<Int>, in planes: WeightPlaneRanges) -> WeightPlaneRanges {
        let counts = byteCounts
        func part(_ plane: Range<Int>, _ byteCount: Int, per blockCount: Int = 1) -> Range<Int> {
            let start = plane.lowerBound + blocks.lowerBound / blockCount * byteCount
            return start..<start + blocks.count / blockCount * byteCount
        }
        return WeightPlaneRanges(
            quants: part(planes.quants, counts.quants),
            highBits: part(planes.highBits, counts.highBits),
            scales: part(planes.scales, counts.scales),
            superScales: part(
                planes.superScales,
                counts.superScales,
                per: Self.blocksPerSuperScale
            )
        )
    }
}

/// Where the planes of a matrix are in its memory, in bytes from its start; each holds a part of
/// all blocks, in order. Planes a format does not have are empty.
public struct WeightPlaneRanges: Sendable, Equatable {
    /// Planes begin at multiples of this many bytes, enough for any vector load.
    static let alignment = 64

    /// The quants, or their low bits; whole weights of unquantised formats.
    public let quants: Range<Int>
    /// The quants' bits above the low ones.
    public let highBits: Range<Int>
    /// The scales and minima of blocks.
    public let scales: Range<Int>
    /// What the scales of eight blocks are multiplied by.
    public let superScales: Range<Int>

    /// All of them, in the order in which they lie.
    public var all: [Range<Int>] { [quants, highBits, scales, superScales] }

    /// The bytes of all planes.
    public var byteCount: Int { superScales.upperBound }
}
