/// Why a file was not accepted as a GGUF checkpoint.
///
/// `offset` is always the byte offset, from the start of the file, of the field that is wrong.
public enum GGUFError: Error, Equatable {
    /// The operating system would not let the file be opened or mapped.
    case unreadable(path: String, reason: String)
    /// The first four bytes are not GGUF's; `found` says what they look like instead.
    case notGGUF(path: String, found: String)
    /// The file was written for a big-endian machine.
    case bigEndian(path: String)
    /// The file is of a version of GGUF that is not read here.
    case unsupportedVersion(path: String, version: UInt32)
    /// A field, or what its count announces, runs past the end of the file.
    case truncated(path: String, field: String, offset: Int, needed: UInt64, remaining: Int)
    /// A count or a length is above what any sensible checkpoint has (`GGUFLimits`).
    case overLimit(path: String, field: String, offset: Int, value: UInt64, limit: Int)
    /// A field is there and has a value that cannot be right.
    case invalid(path: String, field: String, offset: Int, problem: String)
    /// A tensor is stored in a number format that is not known here.
    case unknownDataType(path: String, field: String, offset: Int, number: UInt32)
}

extension GGUFError: CustomStringConvertible {
    /// One sentence that names the file, the field, the byte offset, and what to do where that is
    /// known.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason)."
        case .notGGUF(let path, let found):
            "\(path) is not a GGUF file: its magic at byte 0 is \(found)."
        case .bigEndian(let path):
            "\(path) is a big-endian GGUF file (the version at byte 4 is byte-swapped); only "
                + "little-endian files are read: convert it with gguf_convert_endian.py."
        case .unsupportedVersion(let path, let version):
            "\(path) is GGUF version \(version) (at byte 4); versions 2 and 3 are read: "
                + "convert the model again with a current tool."
        case .truncated(let path, let field, let offset, let needed, let remaining):
            "\(path) ends too early: \(field) at byte \(offset) needs \(needed) bytes and "
                + "\(remaining) remain; the download may be incomplete."
        case .overLimit(let path, let field, let offset, let value, let limit):
            "\(path) is refused: \(field) at byte \(offset) is \(value), the limit is \(limit)."
        case .invalid(let path, let field, let offset, let problem):
            "\(path) is malformed: \(field) at byte \(offset) \(problem)."
        case .unknownDataType(let path, let field, let offset, let number):
            "\(path) cannot be used: \(field) at byte \(offset) is \(number), which is no known "
                + "tensor type."
        }
    }
}

/// Text from a file, made fit for a message: quoted, control characters escaped, at most 80
/// characters of it.
func quoted(_ text: String) -> String {
    let shown = text.unicodeScalars.prefix(80).map { $0.escaped(asASCII: false) }.joined()
    return "'\(shown)\(text.unicodeScalars.count > 80 ? "…" : "")'"
}
