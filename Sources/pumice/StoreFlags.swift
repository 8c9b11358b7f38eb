import ArgumentParser
import Foundation
import ModelStore

/// The flags that say where models come from and where they are kept.
struct StoreFlags: ParsableArguments {
    @Option(
        help: """
            The folder of downloaded models; by default PUMICE_CACHE, or pumice in the user's cache.
            """
    )
    var downloadDir: String?

    @Option(help: "The branch, tag or commit of a hub's repository.")
    var revision = "main"

    /// The model that `reference` means, downloaded where it is not here, with progress on standard
    /// error.
    /// - Parameter onProgress: called with the share that is here, 0 to 1, where it is known.
    func model(
        _ reference: String,
        onProgress: @escaping @Sendable (Double) -> Void = { _ in }
    ) async throws -> LocalModel {
        var configuration = StoreConfiguration()
        if let downloadDir { configuration.folder = downloadDir }
        configuration.revision = revision
        let progress = DownloadReport()
        let model = try await ModelStore(configuration).model(reference) {
            progress.report($0)
            if let total = $0.totalByteCount, total > 0 {
                onProgress(Double($0.receivedByteCount) / Double(total))
            }
        }
        if let notice = model.notice {
            FileHandle.standardError.write(Data("\(notice)\n".utf8))
        }
        return model
    }
}
