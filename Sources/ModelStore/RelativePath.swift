/// A file's place below a folder, as a server names it, that does not lead out of the folder.
package struct RelativePath: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let components: [String]

    /// Nil for what a server must not name: absolute paths, `..`, control characters, and names no
    /// file system takes.
    package init?(_ text: String) {
        guard text.utf8.count <= 1024, !text.contains("\\") else { return nil }
        components = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard components.allSatisfy(Self.isName) else { return nil }
    }

    private static func isName(_ name: String) -> Bool {
        // Room for the endings of a download's own files.
        !name.isEmpty && name.utf8.count <= 230 && name != "." && name != ".."
            && name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    }

    package var description: String { components.joined(separator: "/") }

    /// The last part.
    var name: String { components.last ?? "" }

    /// What follows the last dot of the name, in lower case.
    var fileExtension: String {
        name.contains(".") ? name.split(separator: ".").last.map { $0.lowercased() } ?? "" : ""
    }

    package static func < (left: RelativePath, right: RelativePath) -> Bool {
        left.description < right.description
    }
}
