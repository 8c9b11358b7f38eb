package import Checkpoints
package import Kernels

/// Repacks rows of one type and width for a layout, some at a time.
package struct RowRepacking {
    let type: DataType
    let format: WeightFormat
    let columns: Int
    let layout: WeightLayout
    /// Rows that follow each other, on their way to interleaved ones.
    private var scratch: [UInt8] = []

    /// - Parameter type: one with a format on the device.
    package init(_ type: DataType, columns: Int, _ layout: WeightLayout) {
        guard let format = type.weightFormat, columns % format.columnGranularity == 0 else {
            preconditionFailure("rows of \(columns) weights in \(type)")
        }
        self.type = type
        self.format = format
        self.columns = columns
        self.layout = layout
    }

    /// Bytes of a row in a checkpoint.
    var rowByteCount: Int { type.byteCount(of: columns) }

    /// Rows are repacked in multiples of this many, but for the last ones of a matrix.
    var rowGranularity: Int { layout == .rows ? 1 : WeightLayout.bandRows }

    /// - Parameters:
    ///   - bytes: whole rows as they are in a checkpoint.
    ///   - planes: where in `storage` the planes of these rows are, filled up to `rowGranularity`.
    package mutating func repack(
        _ bytes: RawSpan,
        into storage: inout MutableRawSpan,
        planes: WeightPlaneRanges
    ) {
        guard layout == .interleaved else {
            type.repack(bytes, into: &storage, planes: planes)
            return
        }
        let (type, format, columns) = (type, format, columns)
        let rows = bytes.byteCount / rowByteCount
        let blocks = columns / WeightFormat.blockSize
        let filled = format.planes(layout, rows: rows, columns: columns)
        let given = format.ranges(of: 0..<rows * blocks, in: filled)
        let storedBlocks = layout.storedRows(rows) * blocks
        let missing = format.ranges(of: rows * blocks..<storedBlocks, in: filled)
        if scratch.count < filled.byteCount {
            scratch = [UInt8](repeating: 0, count: filled.byteCount)
        }
        var span = scratch.mutableSpan
        var target = unsafe span.mutableBytes
        type.repack(bytes, into: &target, planes: given)
        // Rows that are not there are zeros, whatever was here before.
        for offset in missing.all.joined() { target.store(UInt8(0), offset) }
        format.interleave(target.bytes, filled, columns: columns, into: &storage, planes)
    }
}
