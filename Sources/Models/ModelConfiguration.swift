public import Checkpoints
import Kernels

/// The numbers of an architecture, read from a checkpoint's metadata alone.
public struct ModelConfiguration: Sendable, Equatable {
    /// The checkpoint's own word, such as `llama`; also the prefix of its metadata keys.
    public var architecture: String
    public var layerCount: Int
    public var hiddenSize: Int
    public var intermediateSize: Int
    public var headCount: Int
    public var kvHeadCount: Int
    public var headSize: Int
    public var vocabularySize: Int
    /// The most tokens the model was trained to see.
    public var contextLength: Int
    public var normEpsilon: Float
    public var rotary: RotaryConfiguration

    /// Reads the metadata of a llama-like architecture.
    /// - Parameter vocabularySize: rows of the embedding matrix.
    /// - Throws: `MetadataError` for a key that is missing or of the wrong type, `ModelError` for
    ///   numbers that make no model.
    public init(_ metadata: Metadata, vocabularySize: Int) throws {
        let architecture = try metadata.string("general.architecture")
        func key(_ name: String) -> String { "\(architecture).\(name)" }
        self.architecture = architecture
        layerCount = try metadata.integer(key("block_count"))
        hiddenSize = try metadata.integer(key("embedding_length"))
        intermediateSize = try metadata.integer(key("feed_forward_length"))
        headCount = try metadata.integer(key("attention.head_count"))
        kvHeadCount = try metadata.optionalInteger(key("attention.head_count_kv")) ?? headCount
        contextLength = try metadata.integer(key("context_length"))
        normEpsilon = Float(try metadata.float(key("attention.layer_norm_rms_epsilon")))
        self.vocabularySize = vocabularySize
        let defaultHeadSize = headCount > 0 ? hiddenSize / headCount : 0
        headSize = try metadata.optionalInteger(key("attention.key_length")) ?? defaultHeadSize
        rotary = try RotaryConfiguration(
            metadata,
            architecture: architecture,
            headSize: headSize,
            contextLength: contextLength
        )
        try validate(metadata)
    }

    /// Refuses numbers that would divide by zero or ask for the impossible later.
    private func validate(_ metadata: Metadata) throws {
        let bounds: [(String, Int, ClosedRange<Int>)] = [
            ("block_count", layerCount, 1...1024),
            ("embedding_length", hiddenSize, 32...262_144),
            ("feed_forward_length", intermediateSize, 32...1_048_576),
            ("attention.head_count", headCount, 1...4096),
            ("attention.head_count_kv", kvHeadCount, 1...4096),
            ("attention.key_length", headSize, 4...512),
            ("context_length", contextLength, 2...16_777_216),
            ("vocabulary", vocabularySize, 1...4_194_304),
        ]
        for (name, value, range) in bounds where !range.contains(value) {
            throw ModelError.badConfiguration(
                file: metadata.path,
                detail: "\(architecture).\(name) is \(value), outside \(range)"
            )
        }
        for (name, value) in [
            ("embedding_length", hiddenSize), ("feed_forward_length", intermediateSize),
        ] where value % 32 != 0 {
            throw ModelError.badConfiguration(
                file: metadata.path,
                detail: "\(architecture).\(name) is \(value), not a multiple of 32"
            )
        }
        guard headCount % kvHeadCount == 0, headSize % 4 == 0, (headCount * headSize) % 32 == 0
        else {
            throw ModelError.badConfiguration(
                file: metadata.path,
                detail: "\(headCount) heads of \(headSize) with \(kvHeadCount) KV heads"
            )
        }
        // Kernels index activations and planes with 32 bits.
        guard rotary.rotatedSize <= headSize, rotary.rotatedSize % 2 == 0,
            vocabularySize * (hiddenSize / 32) < Int(UInt32.max)
        else {
            throw ModelError.badConfiguration(
                file: metadata.path,
                detail: "\(rotary.rotatedSize) rotated of \(headSize) elements a head, "
                    + "\(vocabularySize) x \(hiddenSize) embeddings"
            )
        }
    }
}

extension ModelConfiguration {
    /// - Throws: `unsupportedKVFormat` if heads of this size cannot be stored so.
    func check(_ format: KVFormat, file: String) throws(ModelError) {
        guard headSize % format.headSizeMultiple == 0 else {
            throw .unsupportedKVFormat(
                file: file,
                format: format.rawValue,
                headSize: headSize,
                multiple: format.headSizeMultiple
            )
        }
    }
}
