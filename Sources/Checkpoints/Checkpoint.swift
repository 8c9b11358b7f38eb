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
}

extension GGUFFile: Checkpoint {}
