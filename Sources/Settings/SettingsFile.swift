import Foundation

/// A file of settings: the part of YAML that a flat list of names and values needs, and nothing
/// more. Each line is `name: value`, `name: [value, value]`, or `name:` with a line `- value` for
/// each value after it. What it cannot read is refused with its line.
public struct SettingsFile: Sendable {
    struct Entry: Sendable, Equatable {
        let key: String
        let line: Int
        var values: [String]
        var isList: Bool
    }

    private static let sizeLimit = 1 << 20

    /// In the file's order; names without a value are left out.
    let entries: [Entry]

    /// - Throws: `SettingsError` with the file's name and the line.
    init(_ text: String, path: String) throws(SettingsError) {
        var entries: [Entry] = []
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            do throws(SettingsError) {
                try Self.read(raw, line: index + 1, into: &entries)
            } catch {
                throw SettingsError("\(path):\(index + 1): \(error)")
            }
        }
        self.entries = entries.filter { !$0.values.isEmpty || $0.isList }
    }

    /// The text of a file.
    public static func text(_ path: String) throws(SettingsError) -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw SettingsError("\(path) cannot be read. See that it exists and who may read it.")
        }
        guard data.count <= sizeLimit, let text = String(data: data, encoding: .utf8) else {
            throw SettingsError("\(path) is no text in UTF-8 of at most \(sizeLimit) bytes.")
        }
        return text
    }

    private static func read(
        _ raw: Substring,
        line: Int,
        into entries: inout [Entry]
    ) throws(SettingsError) {
        var reader = SettingsLine(raw)
        let isIndented = reader.skipSpaces()
        if reader.isAtEnd || line == 1 && raw == "---" { return }
        if try reader.takeDash() {
            guard let last = entries.indices.last, entries[last].values.isEmpty || entries[last].isList
            else { throw SettingsError("a value belongs below a name.") }
            entries[last].isList = true
            guard let value = try reader.scalar() else { throw SettingsError("a value is missing.") }
            entries[last].values.append(value)
        } else {
            guard !isIndented else {
                throw SettingsError("settings are not nested; a name begins its line.")
            }
            let key = try reader.key()
            guard !entries.contains(where: { $0.key == key }) else {
                throw SettingsError("`\(key)` is set twice.")
            }
            var entry = Entry(key: key, line: line, values: [], isList: false)
            if let items = try reader.list() {
                entry.values = items
                entry.isList = true
            } else if let value = try reader.scalar() {
                entry.values = [value]
            }
            entries.append(entry)
        }
        guard reader.isAtEnd else {
            throw SettingsError("there is something after the value; quote values with signs in them.")
        }
    }
}
