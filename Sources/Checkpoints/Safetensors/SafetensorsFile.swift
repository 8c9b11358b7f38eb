/// One safetensors file: named tensors whose bytes are mapped, not read.
///
/// Opening it reads its header only. Every length and range in it was checked, so the bytes of each
/// of `tensors` are in the file and belong to no other tensor.
public struct SafetensorsFile: Checkpoint {
    /// The path the file was opened by.
    public let path: String
    /// The tensors, in the order of their bytes.
    public let tensors: [TensorInfo]
    /// What the writer noted: texts by key.
    public let metadata: [String: String]
    private let positions: [String: Int]
    private let file: MappedFile

    /// Opens, maps and checks the file at `path`. Keep it as it is while this value or a copy of it
    /// lives, as with `GGUFFile`.
    public init(path: String) throws(SafetensorsError) {
        let file: MappedFile
        do {
            file = try MappedFile(path: path)
        } catch {
            throw SafetensorsError(error, path: path)
        }
        try self.init(file)
    }

    /// Checks `bytes` as if they were a file at `path`, for tests.
    package init(bytes: [UInt8], path: String) throws(SafetensorsError) {
        let file: MappedFile
        do {
            file = try MappedFile(copying: bytes, path: path)
        } catch {
            throw SafetensorsError(error, path: path)
        }
        try self.init(file)
    }

    private init(_ file: MappedFile) throws(SafetensorsError) {
        let header = try SafetensorsHeader(parsing: file)
        path = file.path
        tensors = header.tensors
        metadata = header.metadata
        var positions: [String: Int] = [:]
        for (index, tensor) in header.tensors.enumerated() {
            // Keys of the header differ in their bytes, and may still be the same text to Unicode.
            guard positions.updateValue(index, forKey: tensor.name) == nil else {
                throw .invalid(
                    path: file.path,
                    tensor: tensor.name,
                    problem: "has another tensor's name in another spelling"
                )
            }
        }
        self.positions = positions
        self.file = file
    }

    public func tensor(named name: String) -> TensorInfo? {
        positions[name].map { tensors[$0] }
    }

    public func withBytes<R>(
        of tensor: TensorInfo,
        _ body: (RawSpan) throws -> R
    ) rethrows -> R {
        file.prefetch(tensor.fileRange)
        return try file.withBytes(in: tensor.fileRange, body)
    }

    /// Takes a tensor's bytes out of this process's memory, after `withBytes` has brought them.
    package func release(_ tensor: TensorInfo) { file.release(tensor.fileRange) }

    /// - Throws: `unreadable` with the system's reason.
    public func read(
        _ tensor: TensorInfo,
        _ range: Range<Int>,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) throws(SafetensorsError) {
        do {
            try file.read(tensor, range, into: &bytes, at: offset)
        } catch {
            throw SafetensorsError(error, path: path)
        }
    }
}

extension SafetensorsError {
    /// What the file map says, which is only ever that the system refused.
    init(_ error: GGUFError, path: String) {
        if case .unreadable(_, let reason) = error {
            self = .unreadable(path: path, reason: reason)
        } else {
            self = .unreadable(path: path, reason: error.description)
        }
    }
}
