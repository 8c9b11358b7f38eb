import Checkpoints
public import Kernels
import Vulkan

/// How a model is to be loaded.
public struct ModelOptions: Sendable {
    public var blockSize: Int
    /// The most tokens a sequence may hold; nil for the model's own context length, or as many as
    /// the KV pool holds if those are fewer.
    public var maxModelLength: Int?
    /// Tokens a step may compute; nil for what suits the device.
    public var batchedTokenCount: Int?
    /// Sequences a step may hold.
    public var sequenceCount: Int
    /// KV blocks; nil for as many as fit.
    public var blockCount: Int?
    /// The share of the device's memory to use when `blockCount` is nil.
    public var memoryUtilization: Double
    /// How the KV cache stores keys and values.
    public var kvFormat: KVFormat
    /// What matrices in floats become as the checkpoint is read; nil: they stay.
    public var quantization: Quantization?

    public init(
        blockSize: Int = 16,
        maxModelLength: Int? = nil,
        batchedTokenCount: Int? = nil,
        sequenceCount: Int = 64,
        blockCount: Int? = nil,
        memoryUtilization: Double = 0.9,
        kvFormat: KVFormat = .f16,
        quantization: Quantization? = nil
    ) {
        self.blockSize = blockSize
        self.maxModelLength = maxModelLength
        self.batchedTokenCount = batchedTokenCount
        self.sequenceCount = sequenceCount
        self.blockCount = blockCount
        self.memoryUtilization = memoryUtilization
        self.kvFormat = kvFormat
        self.quantization = quantization
    }
}

extension ModelOptions {
    /// Tokens a step may compute on a device. Running streams wait for their next token while a
    /// step computes a prompt, and CPU drivers need seconds for what a GPU does in milliseconds.
    func batchedTokenCount(on device: Device) -> Int {
        batchedTokenCount ?? max(device.properties.isCPU ? 128 : 512, sequenceCount)
    }
}

/// A model on a device, ready to run steps. Belongs to one thread.
///
/// Two steps may be on their way at once: each has its own inputs and samples, and a step may take
/// tokens the one before it is still sampling.
public final class ModelRunner {
    /// Steps that may be on their way at once.
    public static let depth = 2

    public let configuration: ModelConfiguration
    /// The most tokens a sequence may hold.
    public let maxModelLength: Int
    public let cache: KVCache
    public let limits: StepLimits
    let library: KernelLibrary
    let submitter: Submitter
    let model: Decoder
    let activations: Activations
    var slots: [StepSlot] = []
    var masks: MaskStore
    var stepNumber = 0
    /// Whether every dispatch is timed.
    public var profiles = false

    /// Loads a checkpoint.
    /// - Parameter progress: called with the share of the weights read, 0 to 1.
    /// - Throws: `ModelError`, `MetadataError` or `VulkanError`, in words for the user.
    public init(
        _ file: any ModelCheckpoint,
        _ library: KernelLibrary,
        _ options: ModelOptions,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws {
        self.library = library
        let name = try file.metadata.string("general.architecture")
        let architecture = try Architectures.named(name, file: file.path)
        let loader = try WeightLoader(
            file,
            library.device,
            layout: library.family.weightLayout,
            progress: progress
        )
        configuration = try ModelConfiguration(
            file.metadata,
            vocabularySize: loader.rowCount("token_embd.weight")
        )
        let wantedLength = min(
            options.maxModelLength ?? configuration.contextLength,
            configuration.contextLength
        )
        try configuration.check(options.kvFormat, file: file.path)
        model = try Decoder(
            loader,
            configuration,
            architecture,
            blockSize: options.blockSize,
            kvFormat: options.kvFormat,
            maxLength: wantedLength
        )
        try loader.finish()
        limits = StepLimits(
            tokenCount: options.batchedTokenCount(on: library.device),
            sequenceCount: options.sequenceCount,
            blockTableCount: (wantedLength + options.blockSize - 1) / options.blockSize
        )
        activations = try Activations(
            library.device,
            configuration,
            shape: model.shape,
            limits: limits
        )
        let plan = KVCachePlan(
            configuration,
            shape: model.shape,
            options: options,
            maxModelLength: wantedLength,
            device: library.device
        )
        let blockCount = try plan.blockCount()
        maxModelLength = try plan.fittingLength(wantedLength, blockCount: blockCount)
        cache = try KVCache(
            library.device,
            shape: model.shape,
            layerCount: configuration.layerCount,
            blockCount: blockCount
        )
        submitter = try Submitter(library.device)
        let tiling = library.attentionTiling(
            model.shape,
            partialRowCapacity: limits.partialRowCapacity(model.shape)
        )
        masks = MaskStore(
            vocabularySize: configuration.vocabularySize,
            sequenceCount: options.sequenceCount
        )
        for _ in 0..<Self.depth {
            slots.append(try StepSlot(library.device, limits: limits, tiling: tiling))
        }
    }

    /// Bytes of the model's weights, activations and cache.
    public var allocatedByteCount: Int { library.device.allocatedByteCount }
}

/// What one of the steps on their way has to itself.
final class StepSlot {
    var inputs: StepInputs
    /// uint[sequences], written by the device.
    let samples: Buffer
    var submission: Submission?
    var sampling: SamplingInputs
    /// Made when a step first wants some.
    var hidden: HiddenStates?

    init(
        _ device: Device,
        limits: StepLimits,
        tiling: AttentionTiling
    ) throws(VulkanError) {
        inputs = try StepInputs(device, limits: limits, tiling: tiling)
        samples = try Buffer(
            device,
            byteCount: 4 * limits.sequenceCount,
            use: .readback,
            label: "samples"
        )
        sampling = try SamplingInputs(device, limits: limits)
    }
}
