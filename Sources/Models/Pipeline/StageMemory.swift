import Checkpoints
import Kernels
import Vulkan

/// What the parts of a model take, and what the stages' devices have, before anything is loaded.
package struct StageMemory {
    /// Bytes of the weights of the layers before each, and of all.
    let layerByteEnds: [Int]
    /// Bytes of a KV block in one layer.
    let blockByteCount: Int
    /// Bytes that each stage takes whatever its layers, in the order of the stages.
    let fixedByteCounts: [Int]
    /// Bytes each stage may take: of hardware that several share, a part.
    let rooms: [Int]

    package init(
        layerByteCounts: [Int],
        blockByteCount: Int,
        fixedByteCounts: [Int],
        rooms: [Int]
    ) {
        layerByteEnds = layerByteCounts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        self.blockByteCount = blockByteCount
        self.fixedByteCounts = fixedByteCounts
        self.rooms = rooms
    }

    /// Blocks for which these layers on this stage leave room; negative where the layers alone are
    /// too many.
    package func blockCount(of layers: Range<Int>, on stage: Int) -> Double {
        Double(rooms[stage] - byteCount(of: layers, on: stage))
            / Double(blockByteCount * layers.count)
    }

    /// Bytes of a stage with these layers, without keys and values.
    func byteCount(of layers: Range<Int>, on stage: Int) -> Int {
        fixedByteCounts[stage] + layerByteEnds[layers.upperBound] - layerByteEnds[layers.lowerBound]
    }
}

extension StageMemory {
    init(
        _ file: any ModelCheckpoint,
        _ configuration: ModelConfiguration,
        shape: AttentionShape,
        options: ModelOptions,
        limits: StepLimits,
        on devices: [Device]
    ) {
        let embedding = file.tensor(named: "token_embd.weight")?.byteCount ?? 0
        let output = file.tensor(named: "output.weight")?.byteCount ?? embedding
        let fixed = devices.indices.map { stage in
            (stage == 0 ? embedding : 0) + (stage == devices.count - 1 ? output : 0)
                + Activations.byteCount(
                    configuration,
                    shape: shape,
                    limits: limits,
                    hasOutput: stage == devices.count - 1
                )
        }
        let rooms = devices.map { device in
            device.roomByteCount(options) / devices.count { $0.sharesHardware(with: device) }
        }
        self.init(
            layerByteCounts: file.tensors.byteCounts(ofLayers: configuration.layerCount),
            blockByteCount: shape.blockByteCount,
            fixedByteCounts: fixed,
            rooms: rooms
        )
    }
}

extension Device {
    /// Bytes that may be allocated here in all.
    func roomByteCount(_ options: ModelOptions) -> Int {
        let share = Int(Double(memoryBudget.totalByteCount) * options.memoryUtilization)
        return min(share, memoryBudget.availableByteCount)
    }
}

extension [TensorInfo] {
    /// Bytes of each layer's tensors.
    func byteCounts(ofLayers layerCount: Int) -> [Int] {
        var counts = [Int](repeating: 0, count: layerCount)
        for tensor in self {
            guard let layer = tensor.layer, counts.indices.contains(layer) else { continue }
            counts[layer] += tensor.byteCount
        }
        return counts
    }
}

extension TensorInfo {
    /// The layer it belongs to, by its name, GGUF's or Hugging Face's; nil: to none.
    var layer: Int? {
        let parts = name.split(separator: ".")
        guard let word = parts.firstIndex(where: { $0 == "blk" || $0 == "layers" }),
            word + 1 < parts.count
        else { return nil }
        return Int(parts[word + 1])
    }
}
