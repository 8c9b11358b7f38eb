import ArgumentParser
import Inference
import Models
import Vulkan

/// What commands that run a model for one user take: the model, and the few flags that matter then.
struct LocalModelFlags: ParsableArguments {
    @Argument(help: "The model: a GGUF file, or what `pumice pull` takes, which is downloaded.")
    var model: String

    @Option(
        help: """
            The Vulkan device, as for `pumice serve`: auto, gpu, cpu, a number or a name, or \
            several with commas between them.
            """
    )
    var device = "auto"

    @Option(
        help: "The most tokens of a conversation; by default as many as model and memory allow."
    )
    var maxModelLen: Int?

    @Option(help: "The share of the device's memory to use.")
    var gpuMemoryUtilization = 0.9

    @Option(help: Quantization.help, transform: Quantization.named)
    var quantization: Quantization?

    @Option(help: "A file with a chat template to use instead of the model's own.")
    var chatTemplate: String?

    @OptionGroup var store: StoreFlags

    /// One user has one conversation, whose choices may be a few.
    private static let sequenceCount = 4

    func validate() throws {
        guard (2...16_777_216).contains(maxModelLen ?? 2) else {
            throw ValidationError("--max-model-len starts at 2.")
        }
        guard gpuMemoryUtilization > 0, gpuMemoryUtilization <= 1 else {
            throw ValidationError(
                "--gpu-memory-utilization is \(gpuMemoryUtilization); it must be in (0, 1]."
            )
        }
    }

    /// Starts the model.
    func start() async throws -> LocalSession {
        let options = EngineOptions(
            modelPath: model,
            device: DeviceChoice(device),
            model: ModelOptions(
                maxModelLength: maxModelLen,
                sequenceCount: Self.sequenceCount,
                memoryUtilization: gpuMemoryUtilization,
                quantization: quantization
            )
        )
        return try await LocalSession(options, store: store, chatTemplate: chatTemplate)
    }
}
