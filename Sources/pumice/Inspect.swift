import ArgumentParser
import Checkpoints
import Kernels
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
        print("Formats:")
        for (type, tensors) in formats(of: checkpoint) {
            let megabytes = tensors.reduce(0) { $0 + $1.byteCount } / 1_000_000
            let note = type.weightFormat == nil ? "; no kernel reads it" : ""
            print("  \(type): \(tensors.count) tensors, \(megabytes) MB\(note)")
        }
    }

    private func formats(of checkpoint: any ModelCheckpoint) -> [(DataType, [TensorInfo])] {
        Dictionary(grouping: checkpoint.tensors, by: \.dataType)
            .sorted { $0.key.rawValue < $1.key.rawValue }
    }

    private func summary(of value: MetadataValue) -> String {
        let text = "\(value)"
        return text.count > 100 ? text.prefix(100) + "..." : text
    }
}
