/// The engine as its callers see it.
///
/// `Engine` is the real one; tests of the server script their own.
public protocol InferenceEngine: Sendable {
    /// What is being served, and on what.
    var properties: EngineProperties { get }

    /// Whether the engine takes requests.
    var state: EngineState { get }

    /// A snapshot of the engine as of its last step.
    var statistics: EngineStatistics { get }

    /// Admits a request; its events follow on the stream.
    ///
    /// Dropping the stream's iterator, or cancelling the task that reads it, aborts the request and
    /// frees its blocks at the engine's next step. Never blocks.
    /// - Throws: `AdmissionError` if the request cannot be taken; nothing is then queued.
    func generate(_ request: GenerationRequest) throws(AdmissionError) -> GenerationStream

    /// The adapters that requests may ask for, in the order of their loading.
    var adapters: [LoadedAdapter] { get }

    /// Loads an adapter while requests run.
    /// - Parameters:
    ///   - path: of a file or folder on the engine's machine.
    ///   - replacing: whether an adapter of this name gives way.
    /// - Throws: `AdapterChangeError`; the adapters are then as before.
    func loadAdapter(
        name: String,
        path: String,
        replacing: Bool
    ) async throws(AdapterChangeError) -> LoadedAdapter

    /// Offers an adapter no longer. Requests that have it are finished with it.
    /// - Throws: `AdapterChangeError`; the adapters are then as before.
    func unloadAdapter(name: String) async throws(AdapterChangeError)
}

/// What the engine serves: fixed from load to exit.
public struct EngineProperties: Sendable, Equatable {
    /// The device's and the driver's own names, of several devices the list.
    public var deviceName: String
    public var driverName: String
    /// How many layers each device has; nil where the model is not split.
    public var layerSplit: [Int]?
    /// The architecture in the checkpoint's own word, such as `llama`.
    public var architecture: String
    /// The most tokens, prompt and output together, a sequence may hold.
    public var maxModelLength: Int
    /// The most the model was trained for.
    public var trainedLength: Int
    public var vocabularySize: Int
    /// Tokens a KV block holds.
    public var blockSize: Int
    /// KV blocks in the pool.
    public var blockCount: Int
    /// How KV blocks store keys and values: `f16` or `q8_0`.
    public var kvFormat: String
    /// Whether results do not depend, to the bit, on what shares a request's steps.
    public var isBatchInvariant: Bool
    /// Adapters that may be loaded at once; 0: there are none.
    public var adapterLimit: Int
    /// The largest `choiceCount` admitted.
    public var maxChoiceCount: Int
    /// The largest `logprobCount` admitted.
    public var maxLogprobCount: Int

    public init(
        deviceName: String,
        driverName: String,
        layerSplit: [Int]? = nil,
        architecture: String,
        maxModelLength: Int,
        trainedLength: Int? = nil,
        vocabularySize: Int,
        blockSize: Int,
        blockCount: Int,
        kvFormat: String = "f16",
        isBatchInvariant: Bool = false,
        adapterLimit: Int = 0,
        maxChoiceCount: Int,
        maxLogprobCount: Int = 20
    ) {
        self.deviceName = deviceName
        self.driverName = driverName
        self.layerSplit = layerSplit
        self.architecture = architecture
        self.maxModelLength = maxModelLength
        self.trainedLength = trainedLength ?? maxModelLength
        self.vocabularySize = vocabularySize
        self.blockSize = blockSize
        self.blockCount = blockCount
        self.kvFormat = kvFormat
        self.isBatchInvariant = isBatchInvariant
        self.adapterLimit = adapterLimit
        self.maxChoiceCount = maxChoiceCount
        self.maxLogprobCount = maxLogprobCount
    }
}

/// Whether the engine takes requests.
public enum EngineState: Sendable, Equatable {
    /// It is reading weights; `progress` runs from 0 to 1.
    case loading(progress: Double)
    case ready
    /// It finishes what runs and takes nothing new.
    case draining
    /// It is gone, for the reason given.
    case failed(String)
}
