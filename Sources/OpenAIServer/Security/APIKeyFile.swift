import Foundation

/// A file of API keys, one a line; empty lines and those that begin with `#` do not count. It is
/// read again when it changes.
public final class APIKeyFile: Sendable {
    private static let keySizeLimit = 4096
    private static let keyCountLimit = 10_000

    private let files: ReloadedFiles<[String]>

    /// - Throws: `FileError` for a file that cannot be read or holds no key. No error repeats what
    ///   is in the file.
    public init(_ path: String) throws {
        files = try ReloadedFiles([path]) { try Self.keys($0[0], path) }
    }

    /// The keys that count now.
    package var keys: [String] { files.value }

    package func reload() throws -> Bool { try files.reload() }

    private static func keys(_ data: Data, _ path: String) throws(FileError) -> [String] {
        var keys: [String] = []
        let lines = String(decoding: data, as: UTF8.self)
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let key = line.trimmingCharacters(in: .whitespaces)
            guard !key.isEmpty, !key.hasPrefix("#") else { continue }
            guard key.utf8.count <= keySizeLimit, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                throw FileError(
                    "Line \(index + 1) of \(path) is no key: a key has at most \(keySizeLimit) "
                        + "characters, all of them printable ASCII and none a space."
                )
            }
            keys.append(key)
        }
        // Without keys everything would be open, which nobody means who names a file of keys.
        guard (1...keyCountLimit).contains(keys.count) else {
            throw FileError(
                "\(path) holds \(keys.count) keys; it must have at least 1 and at most "
                    + "\(keyCountLimit)."
            )
        }
        return keys
    }
}
