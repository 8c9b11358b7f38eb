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
