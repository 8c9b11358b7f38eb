public import Checkpoints

/// A folder in Hugging Face's layout as a model: config.json, and safetensors.
///
/// Its tensors are found by GGUF's names, and its numbers under GGUF's keys, so that architectures
/// know one vocabulary.
public struct HubFolder: ModelCheckpoint {
    public let metadata: Metadata
    public let tensors: [TensorInfo]
    public let normOffset: Float
    public let notes: [String]
    private let folder: SafetensorsFolder
    private let names: HubNames
    /// By GGUF's names, or by the folder's where GGUF's mean those.
    private let derived: [String: DerivedTensor]

    public var path: String { folder.path }
    public var convention: CheckpointConvention { .hub }

    /// Opens the folder at `path`, and checks its configuration and every file's header.
    /// - Throws: `ModelError` or `SafetensorsError`, which name the file.
    public init(path: String) throws {
        let configuration = try HubConfiguration(path: path + "/config.json")
        let architecture = configuration.architecture
        metadata = try configuration.metadata()
        normOffset = architecture.hubNormOffset
        let folder = try SafetensorsFolder(path: path)
        let names = HubNames(architecture) { folder.tensor(named: $0) != nil }
        let quantization = configuration.quantization
        var (derived, notes) = try quantization.matrices(folder)
        if architecture.packsExpertsInHub {
            derived += try PackedExperts(folder, prefix: names.prefix)
                .tensors(layerCount: configuration.layerCount)
        }
        derived += try configuration.longRotary?.tensors ?? []
        let sources = Set(derived.flatMap(\.sources))
        tensors =
            folder.tensors.filter {
                !names.isBeside($0.name) && !quantization.isBeside($0.name)
                    && !sources.contains($0.name)
            }
            + derived.map(\.info)
        self.derived = Dictionary(derived.map { ($0.info.name, $0) }) { first, _ in first }
        self.notes = notes
        self.folder = folder
        self.names = names
        // Without it the embedding would serve, and silently.
        if configuration.hasOwnHead, tensor(named: "output.weight") == nil {
            throw ModelError.missingTensor(file: path, name: "lm_head.weight")
        }
    }

    /// The tensor of GGUF's name, under the folder's.
    public func tensor(named name: String) -> TensorInfo? {
        if let derived = derived[name] { return derived.info }
        return names.name(of: name).flatMap { derived[$0]?.info ?? folder.tensor(named: $0) }
    }

    public func withBytes<R>(
        of tensor: TensorInfo,
        _ body: (RawSpan) throws -> R
    ) rethrows -> R {
        guard let derived = derived[tensor.name] else {
            return try folder.withBytes(of: tensor, body)
        }
        return try unsafe body(derived.bytes().span.bytes)
    }

    public func read(
        _ tensor: TensorInfo,
        _ range: Range<Int>,
        into bytes: inout MutableRawSpan,
        at offset: Int
    ) throws {
        guard let derived = derived[tensor.name] else {
            return try folder.read(tensor, range, into: &bytes, at: offset)
        }
        try derived.read(range, into: &bytes, at: offset)
    }
}
