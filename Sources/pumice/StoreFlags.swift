import ArgumentParser
import Foundation
import Inference
import ModelStore
import Models
import Tokenization

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

    /// The options with the draft model, if they name one, downloaded where it is not here and
    /// checked to have the vocabulary of the model, which is here already.
    func withDraftModel(_ options: EngineOptions) async throws -> EngineOptions {
        guard let reference = options.draftModelPath else { return options }
        var options = options
        let draft = try await model(reference).path
        options.draftModelPath = draft
        let tokenizer = try ModelText(path: options.modelPath).tokenizer
        try tokenizer.checkEqual(ModelText(path: draft).tokenizer, of: draft)
        return options
    }
}

extension Tokenizer {
    /// - Throws: `DraftModelError` if another model's tokens are not these, in this order.
    fileprivate func checkEqual(_ other: Tokenizer, of file: String) throws {
        func problem(_ detail: String) -> DraftModelError {
            .otherVocabulary(file: file, detail: detail)
        }
        guard vocabularySize == other.vocabularySize else {
            throw problem(
                "its tokenizer has \(other.vocabularySize) tokens and the model's "
                    + "\(vocabularySize)"
            )
        }
        for token in 0..<TokenID(vocabularySize) where bytes(of: token) != other.bytes(of: token) {
            throw problem(
                "its token \(token) is `\(other.spelling(of: token))` and the model's "
                    + "`\(spelling(of: token))`"
            )
        }
    }
}
