import ArgumentParser
import Checkpoints
import Models

/// `pumice inspect`: what is in a checkpoint.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a checkpoint's metadata and tensors."
    )

    @Argument(help: "A GGUF file, or a folder in Hugging Face's layout.")
    var file: String

    func run() throws {
        let checkpoint = try openModelCheckpoint(path: file)
        let kind = (checkpoint as? GGUFFile).map { "GGUF version \($0.version)" } ?? "Folder"
        print("\(kind), \(checkpoint.metadata.count) keys:")
        for entry in checkpoint.metadata.entries {
            print("  \(entry.key) = \(summary(of: entry.value))")
        }
        print("\(checkpoint.tensors.count) tensors:")
        for tensor in checkpoint.tensors {
            print("  \(tensor.name) \(tensor.dataType) \(tensor.shape)")
        }
    }

    private func summary(of value: MetadataValue) -> String {
        let text = "\(value)"
        return text.count > 100 ? text.prefix(100) + "..." : text
    }
}
