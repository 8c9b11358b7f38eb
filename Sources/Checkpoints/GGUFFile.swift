/// A GGUF checkpoint: metadata, and named tensors whose bytes are mapped from the file, not read.
///
/// Opening one reads its header only. Every count, length and offset in it was checked, so the
/// bytes of each of `tensors` are in the file; what the bytes mean is not checked.
///
/// A model split over several files says so in `split.count`; each is a `GGUFFile` of its own.
public struct GGUFFile: Sendable {
    /// The path the file was opened by.
    public let path: String
    /// The version of the format: 2 or 3, which differ in nothing that is read here.
    public let version: UInt32
    /// The key-value pairs, in the order of the file.
    public let metadata: Metadata
    /// The tensors, in the order of the file.
    public let tensors: [TensorInfo]
    private let positions: [String: Int]
    private let file: MappedFile

    /// Opens, maps and checks the file at `path`. Throws a `GGUFError` that names the file, the
    /// field and the byte offset of what is wrong with it.
    ///
    /// Keep the file as it is while this value or a copy of it lives: shortening it makes reading
    /// the lost bytes end the process (`SIGBUS`). Replacing it by renaming another over it is safe.
    public init(path: String) throws(GGUFError) {
        try self.init(MappedFile(path: path))
    }

    /// Checks `bytes` as if they were a file at `path`, for tests.
    package init(bytes: [UInt8], path: String) throws(GGUFError) {
        try self.init(MappedFile(copying: bytes, path: path))
    }

    private init(_ file: MappedFile) throws(GGUFError) {
        let header = try GGUFHeader(parsing: file)
        path = file.path
        version = header.version
        metadata = header.metadata
        tensors = header.tensors
        positions = Dictionary(
            uniqueKeysWithValues: zip(header.tensors.map(\.name), header.tensors.indices)
        )
        self.file = file
    }

    /// The tensor of that name, or nil when the file has none.
    public func tensor(named name: String) -> TensorInfo? {
        positions[name].map { tensors[$0] }
    }

    /// The bytes of a tensor of this file, valid in the closure. The kernel is told to fetch the
    /// whole tensor as the closure starts.
    public func withBytes<R>(
        of tensor: TensorInfo,
        _ body: (RawSpan) throws -> R
    ) rethrows -> R {
        file.prefetch(tensor.fileRange)
        return try file.withBytes(in: tensor.fileRange, body)
    }

    /// - Throws: `unreadable` with the system's reason.
    public func read(
        _ tensor: TensorInfo,
        _ range: Range<Int>,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) throws(GGUFError) {
        try file.read(tensor, range, into: &bytes, at: offset)
    }
}
