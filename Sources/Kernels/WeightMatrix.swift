import ShaderParams
public import Vulkan

/// A weight matrix [rows, columns] on the device, its parts in planes of their own.
public struct WeightMatrix {
    public let format: WeightFormat
    public let rows: Int
    public let columns: Int
    public let layout: WeightLayout
    /// The planes, as `WeightFormat.planes` divides them.
    public let storage: BufferSlice

    /// - Parameter storage: of `byteCount` bytes, or more.
    public init(
        format: WeightFormat,
        layout: WeightLayout,
        rows: Int,
        columns: Int,
        storage: BufferSlice
    ) {
        precondition(
            columns % format.columnGranularity == 0,
            "\(columns) columns of \(format), a multiple of \(format.columnGranularity) is needed"
        )
        self.format = format
        self.rows = rows
        self.columns = columns
        self.layout = layout
        self.storage = storage
        precondition(
            storage.byteCount >= byteCount && storage.address % 16 == 0,
            "\(storage.buffer.label): \(storage.byteCount) bytes for \(rows) x \(columns) of "
                + "\(format)"
        )
    }

    /// Bytes on the device.
    public var byteCount: Int { ranges.byteCount }

    var slices: [BufferSlice] { [storage] }

    /// The planes' addresses, as kernels take them.
    var planes: WeightPlanes {
        let ranges = ranges
        func address(_ range: Range<Int>) -> UInt64 {
            range.isEmpty ? 0 : storage.address + UInt64(range.lowerBound)
        }
        return WeightPlanes(
            quants: address(ranges.quants),
            highBits: address(ranges.highBits),
            scales: address(ranges.scales),
            superScales: address(ranges.superScales)
        )
    }

    private var ranges: WeightPlaneRanges { format.planes(layout, rows: rows, columns: columns) }
}
