/// What a checkpoint may ask of this process before it is refused; far above published models.
enum SafetensorsLimits {
    /// Bytes of the header: the format's own limit.
    static let headerByteCount = 100_000_000
    /// Tensors of a file.
    static let tensorCount = 262_144
    /// Bytes of a tensor's name.
    static let nameByteCount = 512
    /// Dimensions of a tensor.
    static let dimensionCount = 8
    /// Objects and arrays within each other in the header: tensor, shape, and one to spare.
    static let depth = 4
    /// Bytes of an index.
    static let indexByteCount = 64 << 20
    /// Files of a sharded checkpoint.
    static let shardCount = 4096
}
