/// Why a file or a folder was not accepted as a checkpoint in safetensors.
public enum SafetensorsError: Error, Equatable {
    /// The operating system would not let the file be opened or mapped.
    case unreadable(path: String, reason: String)
    /// The file's beginning is not that of the format; `found` says what it looks like instead.
    case notSafetensors(path: String, found: String)
    /// A length is above what any sensible checkpoint has (`SafetensorsLimits`).
    case overLimit(path: String, field: String, value: UInt64, limit: Int)
    /// The file ends before what its header announces.
    case truncated(path: String, needed: UInt64, byteCount: Int)
    /// The header is no well-formed JSON of the right shape; `offset` is from the file's start.
    case malformed(path: String, offset: Int, problem: String)
    /// A tensor's description cannot be right.
    case invalid(path: String, tensor: String, problem: String)
    /// The index of a sharded checkpoint and its files contradict each other.
    case index(path: String, problem: String)
}

extension SafetensorsError: CustomStringConvertible {
    /// One sentence that names the file, and the place and what to do where that is known.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason)."
        case .notSafetensors(let path, let found):
            "\(path) is not a safetensors file: \(found)."
        case .overLimit(let path, let field, let value, let limit):
            "\(path) is refused: \(field) is \(value), the limit is \(limit)."
        case .truncated(let path, let needed, let byteCount):
            "\(path) ends too early: its header announces \(needed) bytes and it has \(byteCount); "
                + "the download may be incomplete."
        case .malformed(let path, let offset, let problem):
            "\(path) is malformed: its header at byte \(offset) \(problem)."
        case .invalid(let path, let tensor, let problem):
            "\(path) is malformed: tensor \(quoted(tensor)) \(problem)."
        case .index(let path, let problem):
            "\(path) cannot be used: \(problem)."
        }
    }
}
