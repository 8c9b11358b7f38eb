import ArgumentParser
import Checkpoints

/// `pumice inspect`: what is in a checkpoint.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a checkpoint's metadata and tensors."
    )

    @Argument(help: "A GGUF file.")
    var file: String

    func run() throws {
        let checkpoint = try GGUFFile(path: file)
        print("GGUF version \(checkpoint.version), \(checkpoint.metadata.count) keys:")
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
