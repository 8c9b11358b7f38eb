/// What a checkpoint may ask of this process before it is refused. Every limit is far above what
/// published models have; together they bound the memory that a hostile header can make us use.
enum GGUFLimits {
    /// Bytes before the first tensor. The largest vocabularies with merges take about 30 MiB.
    static let headerByteCount = 256 << 20
    /// Key-value pairs; models have 20 to 60.
    static let keyValueCount = 65_536
    /// Tensors; a large mixture with separate experts has about 50,000.
    static let tensorCount = 262_144
    /// Bytes of a metadata key: the specification's own limit.
    static let keyByteCount = 65_535
    /// Bytes of a tensor name. The specification says 64, image models use up to 160.
    static let tensorNameByteCount = 256
    /// Dimensions of a tensor: the specification's own limit.
    static let dimensionCount = 4
    /// Arrays within arrays: 1 is an array of scalars.
    static let arrayDepth = 4
    /// The largest `general.alignment`; 32 is usual, a huge page is 2 MiB.
    static let alignment = 1 << 30
}
