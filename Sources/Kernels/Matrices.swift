public import Vulkan

/// Activations on the device: float[rows][columns], row after row.
public struct ActivationMatrix {
    public let slice: BufferSlice
    /// Rows there is room for; kernels may read up to this many, whatever rows are in use.
    public let rowCapacity: Int
    public let columns: Int

    /// Rows are read in groups of this many: the capacity is a multiple of it.
    public static let rowGranularity = 16

    public init(_ slice: BufferSlice, rowCapacity: Int, columns: Int) {
        precondition(
            slice.byteCount >= rowCapacity * columns * 4,
            "\(slice.buffer.label): \(slice.byteCount) bytes for \(rowCapacity) x \(columns) "
                + "floats"
        )
        self.slice = slice
        self.rowCapacity = rowCapacity
        self.columns = columns
    }

    /// Allocates room for at least `rows` rows.
    public init(
        _ device: Device,
        rows: Int,
        columns: Int,
        use: MemoryUse = .device,
        label: String
    ) throws(VulkanError) {
        let capacity = groups(rows, of: Self.rowGranularity) * Self.rowGranularity
        let buffer = try Buffer(
            device,
            byteCount: capacity * columns * 4,
            use: use,
            label: label
        )
        self.init(buffer.whole, rowCapacity: capacity, columns: columns)
    }

    /// The first `rows` rows.
    func leading(_ rows: Int) -> BufferSlice {
        slice.slice(at: 0, byteCount: rows * columns * 4)
    }
}

/// The formats weights have on the device; `Shaders/include/formats` defines each.
public enum WeightFormat: String, Sendable, CaseIterable, Codable {
    case q4_1, q8_0, f16, bf16, f32

    /// Weights are unpacked in blocks of this many.
    public static let blockSize = 32

    /// Bytes of quants a block takes.
    public var quantByteCount: Int {
        switch self {
        case .q4_1: 16
        case .q8_0: 32
        case .f16, .bf16: 64
        case .f32: 128
        }
    }

    /// Bytes of scales a block takes.
    public var scaleByteCount: Int {
        switch self {
        case .q4_1: 4
        case .q8_0: 2
        case .f16, .bf16, .f32: 0
        }
    }
}

/// A weight matrix [rows, columns] on the device, its quants and scales in planes of their own.
public struct WeightMatrix {
    public let format: WeightFormat
    public let rows: Int
    public let columns: Int
    public let layout: WeightLayout
    public let quants: BufferSlice
    public let scales: BufferSlice?

    public init(
        format: WeightFormat,
        layout: WeightLayout,
        rows: Int,
        columns: Int,
        quants: BufferSlice,
        scales: BufferSlice?
    ) {
        let blocks = layout.storedRows(rows) * columns / WeightFormat.blockSize
        precondition(
            columns % WeightFormat.blockSize == 0,
            "\(columns) columns, a multiple of 32 is needed"
        )
        precondition(
            quants.byteCount >= blocks * format.quantByteCount
                && (scales?.byteCount ?? 0) >= blocks * format.scaleByteCount,
            "\(quants.buffer.label): planes too small for \(rows) x \(columns) of \(format)"
        )
        self.format = format
        self.layout = layout
        self.rows = rows
        self.columns = columns
        self.quants = quants
        self.scales = scales
    }

    /// Bytes on the device.
    public var byteCount: Int { quants.byteCount + (scales?.byteCount ?? 0) }

    var slices: [BufferSlice] { scales.map { [quants, $0] } ?? [quants] }
}
