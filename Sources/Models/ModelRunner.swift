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
    /// KV blocks; nil for as many as fit, 0 for a pool that `ModelRunner.allocateCache` makes.
    public var blockCount: Int?
    /// Bytes that the pool of a draft model takes for each block.
    var draftBlockByteCount = 0
    /// The share of the device's memory to use when `blockCount` is nil.
    public var memoryUtilization: Double
    /// How the KV cache stores keys and values.
    public var kvFormat: KVFormat
    /// What matrices in floats become as the checkpoint is read; nil: they stay.
    public var quantization: Quantization?
    /// On several devices, in which proportion they get the layers; nil for what leaves the most
    /// room for keys and values.
    public var layerSplit: [Int]?
    /// How many adapters there is room for; nil for none. On one device only.
    public var adapters: AdapterLimits?

    public init(
        blockSize: Int = 16,
        maxModelLength: Int? = nil,
        batchedTokenCount: Int? = nil,
        sequenceCount: Int = 64,
        blockCount: Int? = nil,
        memoryUtilization: Double = 0.9,
        kvFormat: KVFormat = .f16,
        quantization: Quantization? = nil,
        layerSplit: [Int]? = nil,
        adapters: AdapterLimits? = nil
    ) {
        self.blockSize = blockSize
        self.maxModelLength = maxModelLength
        self.batchedTokenCount = batchedTokenCount
        self.sequenceCount = sequenceCount
        self.blockCount = blockCount
        self.memoryUtilization = memoryUtilization
        self.kvFormat = kvFormat
        self.quantization = quantization
        self.layerSplit = layerSplit
        self.adapters = adapters
    }
}

extension ModelOptions {
    /// Tokens a step may compute on its devices. Running streams wait for their next token while a
    /// step computes a prompt, and CPU drivers need seconds for what a GPU does in milliseconds.
    func batchedTokenCount(on devices: [Device]) -> Int {
        let most = devices.contains { $0.properties.isCPU } ? 128 : 512
        return batchedTokenCount ?? max(most, sequenceCount)
    }
}

/// A model on a device, or its layers on several, ready to run steps. Belongs to one thread.
///
/// Two steps may be on their way at once: each has its own inputs and samples, and a step may take
/// tokens the one before it is still sampling. On several devices a step goes through them in turn,
/// and the next step follows it.
public final class ModelRunner {
    /// Steps that may be on their way at once.
    public static let depth = 2

    public let configuration: ModelConfiguration
    /// The most tokens a sequence may hold.
    public let maxModelLength: Int
    public let limits: StepLimits
    /// In the order of their layers.
    let stages: [Stage]
    /// The adapters, if there is room for some.
    public let adapters: AdapterPool?
    /// Guesses tokens for the steps that ask for it, on one device.
    let draftModel: DraftModel?
    var slots: [StepSlot] = []
    /// The steps on their way, the oldest first.
    var underway: [StepSlot] = []
    var masks: MaskStore
    var stepNumber = 0
    /// Whether every dispatch is timed.
    public var profiles = false

    /// Loads a checkpoint.
    /// - Parameter progress: called with the share of the weights read, 0 to 1.
    /// - Throws: `ModelError`, `MetadataError` or `VulkanError`, in words for the user.
    public convenience init(
        _ file: any ModelCheckpoint,
        _ library: KernelLibrary,
        _ options: ModelOptions,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws {
        try self.init(file, [library], options, progress: progress)
    }

    /// Loads a checkpoint, a part of its layers on the device of each library, in their order.
    /// - Parameters:
    ///   - draftModel: guesses tokens on the same device, of which there is then one; it gets as
    ///     many KV blocks.
    ///   - progress: called with the share of the weights read, 0 to 1.
    /// - Throws: `ModelError`, `MetadataError` or `VulkanError`, in words for the user.
    public init(
        _ file: any ModelCheckpoint,
        _ libraries: [KernelLibrary],
        _ options: ModelOptions,
        draftModel: DraftModel? = nil,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws {
        precondition(draftModel == nil || libraries.count == 1, "\(libraries.count) devices")
        self.draftModel = draftModel
        var options = options
        options.draftBlockByteCount = draftModel?.blockByteCount ?? 0
        let name = try file.metadata.string("general.architecture")
        let architecture = try Architectures.named(name, file: file.path)
        guard options.adapters == nil || libraries.count == 1 else {
            throw ModelError.adaptersOnSeveralDevices(deviceCount: libraries.count)
        }
        configuration = try ModelConfiguration(
            file.metadata,
            vocabularySize: WeightLoader.rowCount("token_embd.weight", of: file)
        )
        let wantedLength = min(
            options.maxModelLength ?? configuration.contextLength,
            configuration.contextLength
        )
        try configuration.check(options.kvFormat, file: file.path)
        limits = StepLimits(
            tokenCount: options.batchedTokenCount(on: libraries.map(\.device)),
            sequenceCount: options.sequenceCount,
            blockTableCount: (wantedLength + options.blockSize - 1) / options.blockSize
        )
        let parts = try LoadedLayers.all(
            of: file,
            configuration,
            on: libraries,
            options,
            limits: limits,
            maxLength: wantedLength,
            progress: progress
        )
        let targets = AdapterTargets(configuration, architecture, file.convention)
        adapters = try options.adapters.map { [limits] in
            try AdapterPool(libraries[0].device, targets, $0, tokenCount: limits.tokenCount)
        }
        let plan = KVCachePlan(
            parts,
            options: options,
            maxModelLength: wantedLength,
            reservedByteCount: adapters?.reservedByteCount ?? 0
        )
        let blockCount = try plan.blockCount()
        maxModelLength = try plan.fittingLength(wantedLength, blockCount: blockCount)
        var stages: [Stage] = []
        for part in parts {
            stages.append(
                try Stage(part, blockCount: blockCount, limits: limits, before: stages.last)
            )
        }
        self.stages = stages
        try draftModel?.allocateCache(blockCount: blockCount)
        masks = MaskStore(
            vocabularySize: configuration.vocabularySize,
            sequenceCount: options.sequenceCount
        )
        for index in 0..<Self.depth {
            let slot = try StepSlot(last.library.device, index: index, limits: limits)
            slot.adapters = try adapters.map {
                try AdapterInputs(library.device, $0.limits, tokenCount: limits.tokenCount)
            }
            slots.append(slot)
        }
    }

    /// Whether steps may have some of a draft model before them.
    public var hasDraftModel: Bool { draftModel != nil }

    /// Makes the pool that `ModelOptions.blockCount` put off.
    func allocateCache(blockCount: Int) throws(VulkanError) {
        for stage in stages { try stage.allocateCache(blockCount: blockCount) }
    }

    /// How many layers each device has.
    public var layerSplit: [Int] { stages.map(\.decoder.layerRange.count) }

    /// The KV cache: of several devices the last's, which has as many blocks as the others'.
    public var cache: KVCache { last.cache }

    /// Bytes of the model's weights, activations and cache.
    public var allocatedByteCount: Int {
        stages.reduce(0) { $0 + $1.library.device.allocatedByteCount }
    }

    /// Where logits and samples are.
    private var last: Stage { stages[stages.count - 1] }
    var library: KernelLibrary { last.library }
    var model: Decoder { last.decoder }
    var activations: Activations { last.activations }
}

/// What one of the steps on their way has to itself, on the device where tokens are sampled.
final class StepSlot {
    /// Which of them it is.
    let index: Int
    /// Its part of each stage, as far as they are recorded.
    var submissions: [Submission] = []
    /// How many of these have been launched.
    var launchedCount = 0
    /// Whether it begins with tokens that the step before samples on another device.
    var awaitsSamples = false
    var sampling: SamplingInputs
    /// Made when a step first wants some.
    var hidden: HiddenStates?
    /// If there is room for adapters.
    var adapters: AdapterInputs?

    init(_ device: Device, index: Int, limits: StepLimits) throws(VulkanError) {
        self.index = index
        sampling = try SamplingInputs(device, limits: limits)
    }
}
