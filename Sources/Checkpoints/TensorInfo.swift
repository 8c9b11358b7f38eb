/// Where a tensor lies in its file, and what it is.
public struct TensorInfo: Sendable, Equatable {
    /// The tensor's name, as `blk.0.attn_q.weight`.
    public let name: String
    /// The extents, outermost first: `[rows, columns]` for a matrix, whose rows are contiguous.
    /// GGUF lists them the other way round. A scalar has none.
    public let shape: [Int]
    /// How the elements are stored.
    public let dataType: DataType
    /// Where the elements begin, in bytes from the start of the file.
    public let fileOffset: Int
    /// The product of the shape.
    public let elementCount: Int
    /// The bytes all elements take.
    public let byteCount: Int

    /// A tensor whose rows are whole blocks of `dataType`; anything else is a broken invariant.
    /// (Files are checked before this is called; some have tensors without an element.)
    public init(name: String, shape: [Int], dataType: DataType, fileOffset: Int) {
        precondition(
            shape.allSatisfy { $0 >= 0 } && (shape.last ?? 1) % dataType.blockSize == 0,
            "\(name): shape \(shape) is not made of blocks of \(dataType.blockSize)"
        )
        precondition(fileOffset >= 0, "\(name): offset \(fileOffset)")
        self.name = name
        self.shape = shape
        self.dataType = dataType
        self.fileOffset = fileOffset
        elementCount = shape.reduce(1, *)
        byteCount = elementCount / dataType.blockSize * dataType.blockByteCount
    }

    /// Where the tensor's bytes are in the file.
    var fileRange: Range<Int> { fileOffset..<fileOffset + byteCount }
}
