import Foundation

/// The checkout these tests were compiled from, as text files.
enum Repository {
    static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every file that belongs to the project; hidden folders hold what tools leave behind.
    static let files: [SourceFile] = {
        let fileManager = FileManager.default
        let folders = [root, root.appending(path: ".ci")]
        var files: [SourceFile] = []
        for folder in folders {
            let urls = fileManager.enumerator(
                at: folder,
                includingPropertiesForKeys: [.isRegularFileKey],
                options: .skipsHiddenFiles
            )
            for case let url as URL in urls ?? .init() {
                let isFile = try? url.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
                guard isFile == true, !url.path.contains("/__pycache__/") else { continue }
                files.append(SourceFile(url))
            }
        }
        return files.sorted { $0.path < $1.path }
    }()

    /// Files whose path begins with `folder` and ends in one of `extensions` (in any, if empty).
    static func files(in folder: String = "", _ extensions: String...) -> [SourceFile] {
        files.filter { file in
            file.path.hasPrefix(folder)
                && (extensions.isEmpty || extensions.contains(file.url.pathExtension))
        }
    }

    static func contains(_ path: String) -> Bool { files.contains { $0.path == path } }

    static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appending(path: path), encoding: .utf8)) ?? ""
    }
}

/// One file of the repository, named by its path from the root.
struct SourceFile: Sendable {
    let url: URL
    let path: String

    init(_ url: URL) {
        self.url = url
        let prefix = Repository.root.path + (Repository.root.path.hasSuffix("/") ? "" : "/")
        self.path = String(url.path.dropFirst(prefix.count))
    }

    /// Empty for a file that is not text.
    var text: String { (try? String(contentsOf: url, encoding: .utf8)) ?? "" }

    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

    /// The name without its folder and its ending.
    var stem: String { url.deletingPathExtension().lastPathComponent }

    /// `path:number` of every line that satisfies `condition`.
    func places(where condition: (Substring) -> Bool) -> [String] {
        lines.enumerated().filter { condition($0.element) }.map { "\(path):\($0.offset + 1)" }
    }
}
