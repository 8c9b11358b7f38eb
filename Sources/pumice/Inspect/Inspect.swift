import ArgumentParser
import Checkpoints
import Models

/// `pumice inspect`: what is in a checkpoint, and what of it fits.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Show what is in a checkpoint, what its cache takes, and what fits on this device."
    )

    @Argument(help: "A GGUF file, or a folder of safetensors.")
    var file: String

    @Option(
        help: "Count what --quantization of `pumice serve` makes of the weights.",
        transform: Quantization.named
    )
    var quantization: Quantization?

    @Flag(help: "List every tensor.")
    var tensors = false

    @Flag(help: "Print JSON, with all metadata and tensors.")
    var json = false

    func run() throws {
        let checkpoint = try InspectedCheckpoint(path: file, quantization: quantization)
        let report = InspectReport(checkpoint)
        guard !json else { return print(try PrintedJSON.text(report)) }
        print(report.description)
        print("Metadata, \(checkpoint.metadata.count) keys")
        for entry in checkpoint.metadata.entries {
            print("  \(entry.key) = \(InspectedValue(value: entry.value).text)")
        }
        guard tensors else { return }
        print("Tensors")
        for tensor in checkpoint.tensors {
            print("  \(tensor.name) \(tensor.dataType) \(tensor.shape)")
        }
    }
}
