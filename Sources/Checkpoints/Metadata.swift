/// A checkpoint's key-value pairs, in the order of the file. No key occurs twice.
public struct Metadata: Sendable {
    /// A key and what it stands for.
    public struct Entry: Sendable, Equatable {
        public let key: String
        public let value: MetadataValue

        public init(key: String, value: MetadataValue) {
            self.key = key
            self.value = value
        }
    }

    /// The pairs, in the order of the file.
    public let entries: [Entry]
    /// The file the pairs are from, for messages.
    public let path: String
    private let positions: [String: Int]

    /// Metadata that is not from a file, for tests and tools. The keys must differ.
    public init(_ entries: [Entry], path: String = "metadata") {
        self.entries = entries
        self.path = path
        positions = Dictionary(
            zip(entries.map(\.key), entries.indices),
            uniquingKeysWith: { first, second in
                preconditionFailure("entries \(first) and \(second) have the same key")
            }
        )
    }

    /// The number of pairs.
    public var count: Int { entries.count }

    /// The value of `key`, in whatever type it has, or nil when the key is not there.
    public subscript(key: String) -> MetadataValue? {
        positions[key].map { entries[$0].value }
    }
}
