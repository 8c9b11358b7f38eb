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
    func model(_ reference: String) async throws -> LocalModel {
        var configuration = StoreConfiguration()
        if let downloadDir { configuration.folder = downloadDir }
        configuration.revision = revision
        let progress = DownloadReport()
        let model = try await ModelStore(configuration).model(reference) { progress.report($0) }
        if let notice = model.notice {
            FileHandle.standardError.write(Data("\(notice)\n".utf8))
        }
        return model
    }
}
