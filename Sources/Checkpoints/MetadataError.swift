/// Why a key's value could not be had in the type that was asked for.
public enum MetadataError: Error, Equatable {
    /// The key is not in the file.
    case missing(path: String, key: String)
    /// The value is of another type; both types are in words.
    case wrongType(path: String, key: String, expected: String, found: String)
    /// The value is an integer, or an array with one, that no `Int` holds.
    case outOfRange(path: String, key: String, value: String)
}

extension MetadataError: CustomStringConvertible {
    /// One sentence that names the file and the key.
    public var description: String {
        switch self {
        case .missing(let path, let key):
            "\(path) has no metadata key \(quoted(key)), which this model needs."
        case .wrongType(let path, let key, let expected, let found):
            "\(path): metadata key \(quoted(key)) should be \(expected) and is \(found)."
        case .outOfRange(let path, let key, let value):
            "\(path): metadata key \(quoted(key)) is \(value), which is out of range."
        }
    }
}
