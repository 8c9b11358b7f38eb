/// Why a checkpoint cannot be served.
public enum ModelError: Error, Sendable, Equatable, CustomStringConvertible {
    /// No graph is written for this architecture.
    case unsupportedArchitecture(file: String, name: String, supported: [String])
    /// The metadata describes no possible model.
    case badConfiguration(file: String, detail: String)
    /// A tensor the architecture needs is not in the file.
    case missingTensor(file: String, name: String)
    /// Tensors in the file that the architecture does not know: a different model than it says.
    case unexpectedTensors(file: String, names: [String])
    /// A tensor of another shape than the metadata promises.
    case wrongShape(file: String, name: String, found: [Int], expected: [Int])
    /// A tensor in a format the kernels do not read.
    case unsupportedFormat(file: String, name: String, format: String, supported: [String])
    /// Matrices are to be quantised, and none is in floats; `types` are those they are in.
    case nothingToQuantize(file: String, types: [String])
    /// A sequence of the length that was asked for has no room in the KV pool.
    case lengthDoesNotFit(length: Int, capacity: Int, blockCount: Int)
    /// There are not enough layers for each device to have one.
    case moreStagesThanLayers(stageCount: Int, layerCount: Int)
    /// A split of the layers for another number of devices.
    case badLayerSplit(shares: [Int], deviceCount: Int)
    /// Layers that a device has no room for.
    case layersDoNotFit(layers: Range<Int>, device: String, byteCount: Int, roomByteCount: Int)
    /// Adapters for a model whose layers are on several devices.
    case adaptersOnSeveralDevices(deviceCount: Int)
    /// Heads of a size that the KV format cannot hold.
    case unsupportedKVFormat(file: String, format: String, headSize: Int, multiple: Int)

    public var description: String {
        switch self {
        case .unsupportedArchitecture(let file, let name, let supported):
            "\(file): the architecture `\(name)` is not supported. Supported: "
                + supported.joined(separator: ", ") + "."
        case .badConfiguration(let file, let detail):
            "\(file): \(detail). The file is damaged or not a language model."
        case .missingTensor(let file, let name):
            "\(file): the tensor `\(name)` is missing. The file is incomplete."
        case .unexpectedTensors(let file, let names):
            "\(file): unexpected tensors \(Self.list(names)). The model needs more than its "
                + "architecture says."
        case .wrongShape(let file, let name, let found, let expected):
            "\(file): `\(name)` has the shape \(found), expected \(expected)."
        case .unsupportedFormat(let file, let name, let format, let supported):
            "\(file): `\(name)` is in \(format), which is not supported. Supported: "
                + supported.joined(separator: ", ") + "."
        case .nothingToQuantize(let file, let types):
            "\(file): its matrices are quantised already (\(types.joined(separator: ", "))), and "
                + "doing it again would only lose more. Leave out --quantization, or take the "
                + "model in BF16, F16 or F32."
        case .lengthDoesNotFit(let length, let capacity, let blockCount):
            "A sequence of \(length) tokens does not fit in the KV cache: its \(blockCount) blocks "
                + "hold \(capacity). Lower --max-model-len to \(capacity) or leave it out, raise "
                + "--num-gpu-blocks or --gpu-memory-utilization, or store the cache in 8 bits "
                + "(--kv-cache-dtype q8_0)."
        case .moreStagesThanLayers(let stageCount, let layerCount):
            "\(stageCount) devices are too many for a model of \(layerCount) layers: each needs "
                + "one at least. Lower --pipeline-parallel-size."
        case .adaptersOnSeveralDevices(let count):
            "--enable-lora needs the model on one device, and it is to run on \(count). Leave out "
                + "one of --enable-lora and --pipeline-parallel-size."
        case .badLayerSplit(let shares, let deviceCount):
            "--layer-split \(shares.map { "\($0)" }.joined(separator: ",")) is for "
                + "\(shares.count) devices, and the model is to run on \(deviceCount). Give a "
                + "number for each device."
        case .layersDoNotFit(let layers, let device, let byteCount, let roomByteCount):
            "Layers \(layers.lowerBound) to \(layers.upperBound - 1) take \(byteCount >> 20) MiB "
                + "with what steps compute in, and \(device) has room for \(roomByteCount >> 20). "
                + "Give it fewer with --layer-split, use more devices (--pipeline-parallel-size), "
                + "or a smaller model."
        case .unsupportedKVFormat(let file, let format, let headSize, let multiple):
            "\(file): the KV cache cannot be \(format), because the model's heads have \(headSize) "
                + "elements, which is no multiple of \(multiple). Use --kv-cache-dtype f16."
        }
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(8).map { "`\($0)`" }.joined(separator: ", ")
        return names.count > 8 ? shown + " and \(names.count - 8) more" : shown
    }
}
