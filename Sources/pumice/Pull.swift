import ArgumentParser
import ModelStore

/// `pumice pull`: bring a model onto this machine, as `serve` does at its start.
struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Download a model and print where it is.",
        discussion: """
            MODEL is owner/name of a hub, owner/name:file or owner/name:Q4_K_M for one of its GGUF \
            files, or an http(s) address, which may end in #sha256= and the file's checksum. The \
            hub is HF_ENDPOINT, and knows this user by HF_TOKEN. A download that was cut off is \
            gone on with; of processes that share a folder one downloads and the others wait.
            """
    )

    @Argument(help: "A hub's repository, an address, or a path.")
    var model: String

    @OptionGroup var store: StoreFlags

    func run() async throws {
        print(try await store.model(model).path)
    }
}
