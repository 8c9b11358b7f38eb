public import Kernels
public import Models
public import Scheduling
public import Vulkan

/// How an engine is started.
public struct EngineOptions: Sendable {
    /// The checkpoint: a GGUF file, or a folder in Hugging Face's layout.
    public var modelPath: String
    public var device: DeviceChoice
    /// Over how many devices the model's layers are split; nil for as many as `device` names.
    public var deviceCount: Int?
    public var model: ModelOptions
    public var policy: SchedulingPolicy
    public var cachesPrefixes: Bool
    /// How next tokens are guessed, to be checked several at a time; nil: they are not.
    public var drafting: DraftPolicy?
    /// The checkpoint of the model that makes the guesses where `drafting` wants one.
    public var draftModelPath: String?
    /// Requests that may wait beyond those that run.
    public var waitingRequestCount: Int
    /// Prompt tokens that may wait.
    public var waitingPromptTokenCount: Int
    /// The largest `choiceCount` admitted.
    public var maxChoiceCount: Int
    /// Where compiled pipelines and measured choices of kernels are kept; nil for no such place.
    public var cacheFolder: String?
    /// Turns on the Khronos validation layer.
    public var validation: Bool
    /// Times every kernel; `Engine.kernelTimes` then says where steps go.
    public var profiles: Bool
    /// The kernels to use; nil for those made for the device.
    public var kernelFamily: KernelFamily?
    /// Whether a request's tokens and logprobs may not depend, to the bit, on what shares its
    /// steps. Always so in the CPU family; costs speed in the GPU family.
    public var isBatchInvariant: Bool

    public init(
        modelPath: String,
        device: DeviceChoice = .best,
        deviceCount: Int? = nil,
        model: ModelOptions = ModelOptions(),
        policy: SchedulingPolicy = .fcfs,
        cachesPrefixes: Bool = true,
        drafting: DraftPolicy? = nil,
        draftModelPath: String? = nil,
        waitingRequestCount: Int = 256,
        waitingPromptTokenCount: Int = 1 << 20,
        maxChoiceCount: Int = 16,
        cacheFolder: String? = PipelineCache.folder,
        validation: Bool = false,
        profiles: Bool = false,
        kernelFamily: KernelFamily? = nil,
        isBatchInvariant: Bool = false
    ) {
        self.modelPath = modelPath
        self.device = device
        self.deviceCount = deviceCount
        self.model = model
        self.policy = policy
        self.cachesPrefixes = cachesPrefixes
        precondition(
            (drafting?.usesModel ?? false) == (draftModelPath != nil),
            "guesses of a model need its path, and others have no use for one"
        )
        self.drafting = drafting
        self.draftModelPath = draftModelPath
        self.waitingRequestCount = waitingRequestCount
        self.waitingPromptTokenCount = waitingPromptTokenCount
        self.maxChoiceCount = maxChoiceCount
        self.cacheFolder = cacheFolder
        self.validation = validation
        self.profiles = profiles
        self.kernelFamily = kernelFamily
        self.isBatchInvariant = isBatchInvariant
    }
}

extension EngineOptions {
    /// The same options for building the engine again. The scheduler goes on with the blocks and
    /// the length it knows, so the new pool must be no smaller, whatever memory is free by now:
    /// nothing checks the bounds of a block on the device. So must each device's layers, for which
    /// the memory that is free is no measure either.
    package func keeping(_ properties: EngineProperties) -> EngineOptions {
        var options = self
        options.model.blockCount = properties.blockCount
        options.model.maxModelLength = properties.maxModelLength
        options.model.layerSplit = properties.layerSplit
        return options
    }
}
