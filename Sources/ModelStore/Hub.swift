import Foundation

/// A server of model repositories with Hugging Face's interface.
struct Hub: Sendable {
    let endpoint: WebAddress
    private let client: WebClient

    /// - Parameter token: sent to `endpoint` and to nobody else.
    init(endpoint: WebAddress, token: String?, limits: StoreLimits) {
        self.endpoint = endpoint
        client = WebClient(
            limits: limits,
            credential: token.map { WebClient.Credential(token: $0, origin: endpoint) }
        )
    }

    /// The files of a repository at a branch, a tag or a commit. Waits on this thread.
    func listing(
        of repository: RepositoryID,
        revision: String
    ) throws(ModelStoreError) -> RepositoryListing {
        let address = try endpoint.appending(
            ["api", "models", repository.owner, repository.name, "revision", revision],
            query: "blobs=true"
        )
        let json = try client.body(of: address, bodyLimit: client.limits.listingByteCount)
        return try RepositoryListing(json: json, address: address.shown)
    }

    func download(
        of file: RepositoryListing.File,
        in repository: RepositoryID,
        commit: String,
        to path: String
    ) throws(ModelStoreError) -> FileDownload {
        FileDownload(
            address: try endpoint.appending(
                [repository.owner, repository.name, "resolve", commit] + file.path.components
            ),
            path: path,
            byteCount: file.byteCount,
            sha256: file.sha256,
            client: client
        )
    }
}
