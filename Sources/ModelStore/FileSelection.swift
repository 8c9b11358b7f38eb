/// Which files of a repository make the model that is wanted.
package struct FileSelection: Sendable, Equatable {
    package let files: [RepositoryListing.File]
    /// What to load: a GGUF file, the first of several parts; nil for the folder of all.
    package let entry: RelativePath?

    /// - Parameter wanted: a file's path, or the name of a quantisation; nil for the obvious model:
    ///   the folder's safetensors, or the only GGUF, or the one of Q4_K_M.
    ///
    /// Throws `.noSuchFile` with the files there are.
    package init(
        of listing: RepositoryListing,
        wanted: String?,
        repository: String
    ) throws(ModelStoreError) {
        let models = Self.models(of: listing)
        if let wanted {
            self = try Self.named(wanted, listing, models, repository)
        } else if let folder = Self.folder(of: listing) {
            self = folder
        } else if let only = models.count == 1 ? models.first : Self.common(models) {
            self = only
        } else {
            throw .noSuchFile(
                repository: repository,
                wanted: models.isEmpty
                    ? "safetensors with a config.json, and no GGUF file"
                    : "model that is obvious; name one, as \(repository):Q8_0",
                available: Self.names(models)
            )
        }
    }

    private init(files: [RepositoryListing.File], entry: RelativePath?) {
        (self.files, self.entry) = (files, entry)
    }

    private static func named(
        _ wanted: String,
        _ listing: RepositoryListing,
        _ models: [FileSelection],
        _ repository: String
    ) throws(ModelStoreError) -> FileSelection {
        let isWanted = { (file: RepositoryListing.File) in file.path.description == wanted }
        if let model = models.first(where: { $0.files.contains(where: isWanted) }) { return model }
        if let file = listing.files.first(where: isWanted) {
            return FileSelection(files: [file], entry: file.path)
        }
        let found = models.filter { $0.isOfQuantisation(wanted) }
        guard let model = found.first, found.count == 1 else {
            throw .noSuchFile(
                repository: repository,
                wanted: found.isEmpty
                    ? "file or quantisation '\(wanted)'"
                    : "single file for '\(wanted)'; name one of them",
                available: names(found.isEmpty ? models : found)
            )
        }
        return model
    }

    /// Every GGUF model: a file, or all parts of one.
    private static func models(of listing: RepositoryListing) -> [FileSelection] {
        let files = listing.files
            .filter { $0.path.fileExtension == "gguf" && !$0.path.name.hasPrefix("mmproj") }
            .sorted { $0.path < $1.path }
        var models: [(stem: String, files: [RepositoryListing.File])] = []
        for file in files {
            let stem = stem(of: file.path)
            if let last = models.indices.last, models[last].stem == stem {
                models[last].files.append(file)
            } else {
                models.append((stem, [file]))
            }
        }
        return models.map { FileSelection(files: $0.files, entry: $0.files[0].path) }
    }

    /// A path without `.gguf` and without `-00001-of-00003`.
    private static func stem(of path: RelativePath) -> String {
        let name = path.description.dropLast(5)
        guard let part = name.firstRange(of: /-\d{5}-of-\d{5}$/) else { return String(name) }
        return String(name[..<part.lowerBound])
    }

    private func isOfQuantisation(_ wanted: String) -> Bool {
        guard let entry else { return false }
        let stem = Self.stem(of: entry).uppercased()
        let ending = wanted.uppercased()
        guard stem.hasSuffix(ending) else { return false }
        let before = stem.dropLast(ending.count).last
        return before == nil || before == "-" || before == "." || before == "_" || before == "/"
    }

    /// What people take where they do not say.
    private static func common(_ models: [FileSelection]) -> FileSelection? {
        let found = models.filter { $0.isOfQuantisation("Q4_K_M") }
        return found.count == 1 ? found.first : nil
    }

    /// The files of a Hugging Face folder: weights at its top and what describes them.
    private static func folder(of listing: RepositoryListing) -> FileSelection? {
        let top = listing.files.filter { $0.path.components.count == 1 }
        var weights = top.filter { $0.path.fileExtension == "safetensors" }
        // Mistral publishes the same weights twice.
        let others = weights.filter { !$0.path.name.hasPrefix("consolidated") }
        if !others.isEmpty { weights = others }
        guard !weights.isEmpty, top.contains(where: { $0.path.name == "config.json" }) else {
            return nil
        }
        let kinds: Set = ["json", "jinja", "txt", "model"]
        let descriptions = top.filter {
            kinds.contains($0.path.fileExtension) && !$0.path.name.hasPrefix(".")
        }
        return FileSelection(files: descriptions + weights, entry: nil)
    }

    private static func names(_ models: [FileSelection]) -> [String] {
        let names = models.compactMap { $0.entry?.description }
        return names.count <= 40 ? names : names.prefix(40) + ["…"]
    }
}
