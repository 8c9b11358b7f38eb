public import Checkpoints
public import Kernels
public import Vulkan

/// What a token's keys and values take in all layers, told from a checkpoint's metadata.
public struct CacheGeometry: Sendable, Equatable {
    public var layerCount: Int
    /// Of all layers together: they may differ.
    public var kvHeadCount: Int
    public var headSize: Int
    /// The most tokens the model was trained to see.
    public var contextLength: Int

    /// Reads the numbers; nil where they are not all there, as in files that are no language model.
    public init?(_ metadata: Metadata) {
        func integer(_ key: String) -> Int? { try? metadata.optionalInteger(key) }
        guard let architecture = try? metadata.optionalString("general.architecture"),
            let layers = integer("\(architecture).block_count"), (1...4096).contains(layers),
            let heads = integer("\(architecture).attention.head_count"), heads > 0,
            let hidden = integer("\(architecture).embedding_length"),
            let context = integer("\(architecture).context_length"), context > 0
        else { return nil }
        let key = "\(architecture).attention.head_count_kv"
        let each = try? metadata.optionalIntegers(key)
        kvHeadCount = each?.reduce(0, +) ?? (integer(key) ?? heads) * layers
        layerCount = layers
        headSize = integer("\(architecture).attention.key_length") ?? hidden / heads
        contextLength = context
        guard (1...1 << 30).contains(kvHeadCount), (1...65_536).contains(headSize) else {
            return nil
        }
    }

    /// Bytes of one token's keys and values.
    public func tokenByteCount(_ format: KVFormat) -> Int {
        2 * kvHeadCount * format.rowByteCount(headSize: headSize)
    }
}

/// What of a model fits on a device, or on several, told before anything is loaded; activations are
/// not counted.
public struct MemoryEstimate: Sendable, Equatable {
    /// Bytes that weights and cache may take together.
    public let budgetByteCount: Int
    /// Tokens the KV cache will hold; 0 if the weights alone are too many.
    public let tokenCapacity: Int
    /// Requests of the model's full length that the cache holds at once.
    public let fullLengthCount: Int
    /// How many layers each device would have.
    public let layerSplit: [Int]

    /// - Parameters:
    ///   - totalByteCount: of the device's largest local heap.
    ///   - availableByteCount: what the driver says is free there.
    ///   - isCPU: whether that memory is the host's, of which the cache takes a part only.
    ///   - utilization: the share of the memory to use.
    public init(
        _ geometry: CacheGeometry,
        _ format: KVFormat,
        weightByteCount: Int,
        totalByteCount: Int,
        availableByteCount: Int,
        isCPU: Bool,
        utilization: Double = ModelOptions().memoryUtilization
    ) {
        let budget = min(Int(Double(totalByteCount) * utilization), availableByteCount)
        let free = max(0, budget - weightByteCount)
        let cache = isCPU ? min(free, KVCachePlan.maxHostByteCount) : free
        self.init(
            geometry,
            budgetByteCount: budget,
            tokenCapacity: cache / geometry.tokenByteCount(format),
            layerSplit: [geometry.layerCount]
        )
    }

    /// The same for the devices that have the model's layers, in their order.
    /// - Throws: `moreStagesThanLayers`.
    public init(
        _ geometry: CacheGeometry,
        _ format: KVFormat,
        _ tensors: [TensorInfo],
        on devices: [PhysicalDevice],
        utilization: Double = ModelOptions().memoryUtilization
    ) throws(ModelError) {
        let budgets = devices.map(MemoryBudget.init)
        guard devices.count > 1 else {
            self.init(
                geometry,
                format,
                weightByteCount: tensors.reduce(0) { $0 + $1.byteCount },
                totalByteCount: budgets[0].totalByteCount,
                availableByteCount: budgets[0].availableByteCount,
                isCPU: devices[0].properties.isCPU,
                utilization: utilization
            )
            return
        }
        let rooms = zip(devices, budgets).map { device, budget in
            min(
                Int(Double(budget.totalByteCount) * utilization),
                budget.availableByteCount
            ) / devices.count { $0.isHardware(of: device) }
        }
        let memory = StageMemory(geometry, format, tensors, rooms: rooms)
        let split = try LayerSplit(memory)
        let blocks = split.ranges.enumerated().map { memory.blockCount(of: $1, on: $0) }
        let tokens = max(0, Int(blocks.min() ?? 0))
        let hostCapacity = KVCachePlan.maxHostByteCount / geometry.tokenByteCount(format)
        self.init(
            geometry,
            budgetByteCount: rooms.reduce(0, +),
            tokenCapacity: devices.contains { $0.properties.isCPU }
                ? min(tokens, hostCapacity) : tokens,
            layerSplit: split.counts
        )
    }

    private init(
        _ geometry: CacheGeometry,
        budgetByteCount: Int,
        tokenCapacity: Int,
        layerSplit: [Int]
    ) {
        self.budgetByteCount = budgetByteCount
        self.tokenCapacity = tokenCapacity
        fullLengthCount = tokenCapacity / geometry.contextLength
        self.layerSplit = layerSplit
    }
}

extension StageMemory {
    /// Told from tensors alone; a block is a token here.
    init(
        _ geometry: CacheGeometry,
        _ format: KVFormat,
        _ tensors: [TensorInfo],
        rooms: [Int]
    ) {
        let outside = tensors.filter { $0.layer == nil }
        let isEmbedding = { (tensor: TensorInfo) in tensor.name.contains("emb") }
        let embedding = outside.filter(isEmbedding).reduce(0) { $0 + $1.byteCount }
        let others = outside.filter { !isEmbedding($0) && $0.shape.count > 1 }
        // Without an output matrix the embedding serves.
        let output = others.isEmpty ? embedding : others.reduce(0) { $0 + $1.byteCount }
        var fixed = [Int](repeating: 0, count: rooms.count)
        fixed[0] += embedding
        fixed[rooms.count - 1] += output
        self.init(
            layerByteCounts: tensors.byteCounts(ofLayers: geometry.layerCount),
            blockByteCount: max(1, geometry.tokenByteCount(format) / geometry.layerCount),
            fixedByteCounts: fixed,
            rooms: rooms
        )
    }
}

extension Architectures {
    /// Why these tensors cannot be served, in a sentence; nil if nothing tells so before loading.
    public static func problem(_ architecture: String?, _ tensors: [TensorInfo]) -> String? {
        guard let architecture, names.contains(architecture) else {
            return
                "The architecture \(architecture.map { "`\($0)`" } ?? "is not named; it") is not "
                + "supported. Supported: " + names.joined(separator: ", ") + "."
        }
        let unread = Set(tensors.map(\.dataType)).filter { $0.weightFormat == nil }
        guard unread.isEmpty else {
            return "Its tensors in " + unread.map(\.description).sorted().joined(separator: ", ")
                + " cannot be read. Supported: "
                + DataType.supportedSpellings.joined(separator: ", ") + "."
        }
        return nil
    }
}
