/// A model's tensors, whatever the format of the files: names, shapes, types and bytes.
public protocol Checkpoint: Sendable {
    /// The file or folder it was opened by.
    var path: String { get }
    /// The tensors, in the order of the files.
    var tensors: [TensorInfo] { get }

    /// The tensor of that name, or nil when there is none.
    func tensor(named name: String) -> TensorInfo?

    /// The bytes of one of `tensors`, valid in the closure.
    func withBytes<R>(
        of tensor: TensorInfo,
        _ body: (RawSpan) throws -> R
    ) rethrows -> R

    /// Reads a range of a tensor's bytes to `offset` in `bytes`, and tells the kernel that as many
    /// after them come next. For bytes that are used once: none stays in this process's memory.
    /// - Parameter range: in bytes from the start of the tensor.
    /// - Throws: what the file's format throws, with the system's reason.
    func read(
        _ tensor: TensorInfo,
        _ range: Range<Int>,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) throws
}

extension GGUFFile: Checkpoint {}
