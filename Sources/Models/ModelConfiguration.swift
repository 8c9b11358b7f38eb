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
    /// What attention's scores are multiplied by.
    public var attentionScale: Float
    /// The keys a token sees in layers that slide, its own included; nil: none slides.
    public var slidingWindow: Int?
    /// Which layers slide.
    public var slides: [Bool]
    /// RoPE in layers that slide, where it differs.
    public var slidingRotary: RotaryConfiguration?

    /// Reads the metadata of a checkpoint whose architecture is supported.
    /// - Parameter vocabularySize: rows of the embedding matrix.
    /// - Throws: `MetadataError` for a key that is missing or of the wrong type, `ModelError` for
    ///   numbers that make no model.
    public init(_ metadata: Metadata, vocabularySize: Int) throws {
        let architecture = try Architectures.named(
            metadata.string("general.architecture"),
            file: metadata.path
        )
        func key(_ name: String) -> String { "\(architecture.name).\(name)" }
        self.architecture = architecture.name
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
            architecture: architecture.name,
            headSize: headSize,
            contextLength: contextLength
        )
        attentionScale =
            try metadata.optionalFloat(key("attention.scale")).map { Float($0) }
            ?? 1 / Float(headSize).squareRoot()
        (slidingWindow, slides) = try Self.sliding(metadata, architecture, layerCount: layerCount)
        if let base = try metadata.optionalFloat(key("rope.freq_base_swa"))
            ?? architecture.slidingRotaryBase
        {
            slidingRotary = RotaryConfiguration(base: base, rotatedSize: rotary.rotatedSize)
        }
        try validate(metadata)
    }

    /// The window, and which layers have it: the checkpoint's own list or period, or the
    /// architecture's.
    private static func sliding(
        _ metadata: Metadata,
        _ architecture: Architecture,
        layerCount: Int
    ) throws -> (window: Int?, slides: [Bool]) {
        let key = "\(architecture.name).attention.sliding_window"
        let count = min(max(layerCount, 0), 1024)
        let window = try metadata.optionalInteger(key) ?? 0
        guard window > 0 else { return (nil, [Bool](repeating: false, count: count)) }
        let patternKey = key + "_pattern"
        if case .array = metadata[patternKey] {
            let slides = try metadata.bools(patternKey)
            guard slides.count == count else {
                throw ModelError.badConfiguration(
                    file: metadata.path,
                    detail: "\(patternKey) is of \(slides.count) layers, the model has \(count)"
                )
            }
            return (window, slides)
        }
        let period = try metadata.optionalInteger(patternKey) ?? architecture.slidingPeriod
        return (window, (0..<count).map { period == nil || ($0 + 1) % max(period ?? 1, 1) != 0 })
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
            ("attention.sliding_window", slidingWindow ?? 1, 1...16_777_216),
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
        guard headCount % kvHeadCount == 0, headSize % 4 == 0, (headCount * headSize) % 32 == 0,
            attentionScale > 0, attentionScale.isFinite
        else {
            throw ModelError.badConfiguration(
                file: metadata.path,
                detail: "\(headCount) heads of \(headSize) with \(kvHeadCount) KV heads, scores "
                    + "times \(attentionScale)"
            )
        }
        // Kernels index activations and planes with 32 bits.
        guard (0...headSize).contains(rotary.rotatedSize), rotary.rotatedSize % 2 == 0,
            (slidingRotary?.base ?? 1) > 0, (slidingRotary?.base ?? 1).isFinite,
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
