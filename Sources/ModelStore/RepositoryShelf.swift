import Foundation

/// A repository's folder here: a folder for each commit, and under `refs` what was last finished
/// for each revision and each wanted file.
struct RepositoryShelf: Sendable {
    let folder: String
    let revision: String
    let wanted: String?

    /// A download that is whole.
    struct Entry: Codable, Sendable {
        let commit: String
        /// The file to load, or nil for the folder.
        let file: String?

        init(commit: String, entry: RelativePath?) {
            (self.commit, file) = (commit, entry?.description)
        }
    }

    func path(_ commit: String) -> String { "\(folder)/\(commit)" }

    private var referencePath: String {
        // A revision may be `refs/pr/1`, and what is wanted a path.
        var hash = SHA256()
        hash.update(Array("\(revision)\n\(wanted ?? "")".utf8).span)
        return "\(folder)/refs/\(hash.finish().prefix(16)).json"
    }

    /// What was finished before, if it is still here.
    var finished: Entry? {
        guard let data = FileManager.default.contents(atPath: referencePath), data.count < 65_536,
            let entry = try? JSONDecoder().decode(Entry.self, from: data),
            entry.commit.allSatisfy(\.isHexDigit),
            entry.file.map({ RelativePath($0) != nil }) ?? true,
            fileExists(path(entry.commit) + (entry.file.map { "/" + $0 } ?? ""))
        else { return nil }
        return entry
    }

    func finish(_ entry: Entry) throws(ModelStoreError) {
        do {
            let file = URL(fileURLWithPath: referencePath)
            let data = try JSONEncoder().encode(entry)
            // A volume that is full of models may be read-only.
            if FileManager.default.contents(atPath: file.path) == data { return }
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try data.write(to: file, options: .atomic)
        } catch {
            throw .fileSystem(path: referencePath, reason: error.localizedDescription)
        }
    }

    func model(_ entry: Entry, _ repository: RepositoryID) -> LocalModel {
        let file = entry.file.map { "/" + $0 } ?? ""
        return LocalModel(path: path(entry.commit) + file, name: repository.description)
    }
}

extension ModelStoreError {
    /// Whether the hub could not be asked, which is no answer about the model.
    var isOfNetwork: Bool {
        switch self {
        case .unreachable, .noLibcurl: true
        case .refused(_, let status, _): status >= 500 || status == 429
        default: false
        }
    }
}
