import ArgumentParser
import Checkpoints

/// `pumice inspect`: what is in a checkpoint, and what of it fits.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show what is in a checkpoint, what its cache takes, and what fits on this device."
    )

    @Argument(help: "A GGUF file, or a folder of safetensors.")
    var file: String

    @Flag(help: "List every tensor.")
    var tensors = false

    @Flag(help: "Print JSON, with all metadata and tensors.")
    var json = false

    func run() throws {
        let checkpoint = try InspectedCheckpoint(path: file)
        let report = InspectReport(checkpoint)
        guard !json else { return print(try PrintedJSON.text(report)) }
        print(report.description)
        print("Metadata, \(checkpoint.metadata.count) keys")
        for entry in checkpoint.metadata.entries {
            print("  \(entry.key) = \(summary(of: entry.value))")
        }
        guard tensors else { return }
        print("Tensors")
        for tensor in checkpoint.tensors {
            print("  \(tensor.name) \(tensor.dataType) \(tensor.shape)")
        }
    }

    private func summary(of value: MetadataValue) -> String {
        let text = "\(value)"
        return text.count > 100 ? text.prefix(100) + "..." : text
    }
}
