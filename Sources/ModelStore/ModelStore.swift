import Foundation

/// A model on this machine.
public struct LocalModel: Sendable, Equatable {
    /// A file (GGUF) or a folder (Hugging Face's layout).
    public let path: String
    /// What the model is called where nobody says otherwise.
    public let name: String
    /// What the user may want to know, such as that the hub was not reached.
    public var notice: String?
}

/// Models by what `--model` says: a path, a hub's repository, or an address. What is not here is
/// downloaded; what was begun is gone on with.
///
/// Downloads of a hub are in `folder/hub/owner/name/commit`, others in `folder/web/host/…`. Several
/// processes may share the folder: one downloads, the others wait for it.
public struct ModelStore: Sendable {
    private let configuration: StoreConfiguration

    public init(_ configuration: StoreConfiguration) {
        self.configuration = configuration
    }

    /// Whether a model is at hand without asking anybody, because `reference` is a path.
    public static func isPath(_ reference: String) -> Bool {
        if case .path = try? ModelReference(reference) { true } else { false }
    }

    /// The model, downloaded where it is not here. Throws a `ModelStoreError`, or
    /// `CancellationError` when the task is cancelled.
    public func model(
        _ reference: String,
        _ report: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
    ) async throws -> LocalModel {
        switch try ModelReference(reference) {
        case .path(let path):
            guard fileExists(path) else {
                throw ModelStoreError.invalidReference(path, problem: "is no file here")
            }
            return LocalModel(path: path, name: Self.name(ofPath: path))
        case .address(let address, let sha256):
            return try await model(at: address, sha256, report)
        case .repository(let repository, let wanted):
            return try await model(in: repository, wanted, report)
        }
    }

    /// A file's name without its ending, a folder's name.
    static func name(ofPath path: String) -> String {
        let name = URL(fileURLWithPath: path).lastPathComponent
        return name.hasSuffix(".gguf") ? String(name.dropLast(5)) : name
    }
}

// MARK: - Addresses

extension ModelStore {
    private func model(
        at address: WebAddress,
        _ sha256: String?,
        _ report: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws -> LocalModel {
        let given = address.lastPathComponent
        let name = RelativePath(given).flatMap { $0.components.count == 1 ? given : nil } ?? "model"
        // Signed addresses of one file differ in their queries only.
        var hash = SHA256()
        hash.update(Array("\(address.shown)#\(sha256 ?? "")".utf8).span)
        let folder = "\(configuration.folder)/web/\(address.host)/\(hash.finish().prefix(16))"
        let path = "\(folder)/\(name)"
        let local = LocalModel(path: path, name: Self.name(ofPath: path))
        if fileExists(path) { return local }
        try refuseIfOffline(address.shown)
        let progress = ProgressOfFiles(total: nil, isOneFile: true, report)
        let download = FileDownload(
            address: address,
            path: path,
            sha256: sha256,
            client: WebClient(limits: configuration.limits)
        )
        try await download.run { progress.show($0, of: name) }
        return local
    }

    private func refuseIfOffline(_ what: String) throws(ModelStoreError) {
        guard configuration.isOffline else { return }
        throw .invalidReference(
            what,
            problem: "is not in \(configuration.folder), and HF_HUB_OFFLINE forbids to download it"
        )
    }
}

// MARK: - Repositories

extension ModelStore {
    private func model(
        in repository: RepositoryID,
        _ wanted: String?,
        _ report: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws -> LocalModel {
        let shelf = RepositoryShelf(
            folder: "\(configuration.folder)/hub/\(repository.owner)/\(repository.name)",
            revision: configuration.revision,
            wanted: wanted
        )
        if configuration.isOffline {
            if let entry = shelf.finished { return shelf.model(entry, repository) }
            try refuseIfOffline("\(repository)")
        }
        let hub = Hub(
            endpoint: try WebAddress(configuration.endpoint),
            token: try configuration.checkedToken(),
            limits: configuration.limits
        )
        let listing: RepositoryListing
        do {
            let revision = configuration.revision
            listing = try await onThread { try hub.listing(of: repository, revision: revision) }
        } catch let error as ModelStoreError {
            // A server that restarts must not depend on the hub for what it has.
            guard error.isOfNetwork, let entry = shelf.finished else { throw error }
            var model = shelf.model(entry, repository)
            model.notice = "The copy in \(shelf.folder) is used as it is: \(error)"
            return model
        }
        let selection = try FileSelection(
            of: listing,
            wanted: wanted,
            repository: repository.description
        )
        try await download(selection, listing.commit, repository, hub, shelf, report)
        let entry = RepositoryShelf.Entry(commit: listing.commit, entry: selection.entry)
        try shelf.finish(entry)
        return shelf.model(entry, repository)
    }

    private func download(
        _ selection: FileSelection,
        _ commit: String,
        _ repository: RepositoryID,
        _ hub: Hub,
        _ shelf: RepositoryShelf,
        _ report: @escaping @Sendable (DownloadProgress) -> Void
    ) async throws {
        let sizes = selection.files.compactMap(\.byteCount)
        let isKnown = sizes.count == selection.files.count
        let progress = ProgressOfFiles(
            total: isKnown ? sizes.reduce(0, +) : nil,
            isOneFile: selection.files.count == 1,
            report
        )
        try checkRoom(for: selection, at: shelf.path(commit))
        for file in selection.files {
            let path = "\(shelf.path(commit))/\(file.path)"
            let download = try hub.download(of: file, in: repository, commit: commit, to: path)
            try await download.run { progress.show($0, of: file.path.description) }
            progress.finish(byteCount: file.byteCount ?? 0)
        }
    }

    /// Refuses before the first byte what cannot fit as a whole.
    private func checkRoom(
        for selection: FileSelection,
        at folder: String
    ) throws(ModelStoreError) {
        var missing: Int64 = 0
        for file in selection.files {
            let path = "\(folder)/\(file.path)"
            guard !fileExists(path), let byteCount = file.byteCount else { continue }
            missing += max(0, byteCount - allocatedByteCount(path + ".partial"))
        }
        guard missing > 0 else { return }
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
        } catch {
            throw .fileSystem(path: folder, reason: error.localizedDescription)
        }
        let free = try freeByteCount(in: folder)
        guard missing + configuration.limits.spareByteCount <= free else {
            throw .noRoom(folder: folder, needed: missing, free: free)
        }
    }
}
