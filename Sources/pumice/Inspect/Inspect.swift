import ArgumentParser
import Checkpoints
import Models
import Vulkan

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

    @Option(help: "The Vulkan device, or several with commas between them, as for `pumice serve`.")
    var device = "auto"

    @Option(help: "Over how many devices the layers would be split, as for `pumice serve`.")
    var pipelineParallelSize: Int?

    func validate() throws {
        guard (1...64).contains(pipelineParallelSize ?? 1) else {
            throw ValidationError("--pipeline-parallel-size must be in 1...64.")
        }
    }

    func run() throws {
        let checkpoint = try InspectedCheckpoint(path: file, quantization: quantization)
        let report = try InspectReport(checkpoint, on: devices())
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

    /// The devices that would have the layers; none where there is none and none was asked for.
    private func devices() throws -> [PhysicalDevice] {
        guard device != "auto" || pipelineParallelSize != nil else {
            return (try? Instance().selectDevices(DeviceChoice(device))) ?? []
        }
        return try Instance().selectDevices(DeviceChoice(device), count: pipelineParallelSize)
    }
}
