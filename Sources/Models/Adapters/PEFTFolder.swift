import Checkpoints
import Foundation

/// An adapter as PEFT saves it: adapter_config.json beside adapter_model.safetensors.
struct PEFTFolder {
    private let path: String
    private let targets: AdapterTargets
    private let file: SafetensorsFile
    private let rank: Int
    private let scale: Float

    private static let byteLimit = 1 << 20

    init(path: String, _ targets: AdapterTargets) throws(AdapterError) {
        self.path = path
        self.targets = targets
        let config = try Self.config(path)
        try Self.refuseUnsupported(config, path: path)
        guard let rank = config["r"]?.integer, rank > 0,
            let alpha = config["lora_alpha"]?.number, alpha.isFinite
        else {
            throw .malformed(
                path: path + "/adapter_config.json",
                detail: "`r` must be a positive whole number, and `lora_alpha` a number"
            )
        }
        self.rank = rank
        let divisor = config["use_rslora"]?.bool == true ? Double(rank).squareRoot() : Double(rank)
        scale = Float(alpha / divisor)
        let weights = path + "/adapter_model.safetensors"
        guard FileManager.default.fileExists(atPath: weights) else {
            let hasPickle = FileManager.default.fileExists(atPath: path + "/adapter_model.bin")
            guard !hasPickle else {
                throw .unsupported(
                    path: path,
                    feature: "adapter_model.bin, which can run code; save it as "
                        + "adapter_model.safetensors: a pickle"
                )
            }
            throw .notFound(path: path, detail: "there is no adapter_model.safetensors")
        }
        do {
            file = try SafetensorsFile(path: weights)
        } catch {
            throw .malformed(path: path, detail: "\(error)")
        }
    }

    private static func config(_ path: String) throws(AdapterError) -> JSONValue {
        let name = path + "/adapter_config.json"
        guard let data = FileManager.default.contents(atPath: name) else {
            throw .notFound(path: path, detail: "there is no adapter_config.json")
        }
        guard data.count <= byteLimit else {
            throw .malformed(path: name, detail: "it has \(data.count) bytes, over \(byteLimit)")
        }
        do {
            return try JSONValue([UInt8](data))
        } catch {
            throw .malformed(path: name, detail: error.description)
        }
    }

    /// Variants that change more than two factors do, or change something else.
    private static func refuseUnsupported(
        _ config: JSONValue,
        path: String
    ) throws(AdapterError) {
        let type = config["peft_type"]?.string ?? "none"
        guard type == "LORA" else {
            throw .unsupported(path: path, feature: "peft_type `\(type)`; only LORA")
        }
        for name in ["use_dora", "use_qalora", "use_bdlora", "lora_bias", "fan_in_fan_out"]
        where config[name]?.bool == true {
            throw .unsupported(path: path, feature: "`\(name)`")
        }
        if let bias = config["bias"]?.string, bias != "none" {
            throw .unsupported(path: path, feature: "`bias` of `\(bias)`")
        }
        for name in [
            "modules_to_save", "rank_pattern", "alpha_pattern", "layer_replication",
            "trainable_token_indices", "target_parameters", "alora_invocation_tokens",
            "arrow_config", "megatron_config", "kasa_config", "monteclora_config", "lora_ga_config",
        ] {
            switch config[name] {
            case nil: continue
            case .array(let elements)? where elements.isEmpty: continue
            case .object(let members)? where members.isEmpty: continue
            default: throw .unsupported(path: path, feature: "`\(name)`")
            }
        }
        // Those that change the model's own weights too, unless they were converted when saved.
        if let start = config["init_lora_weights"]?.string,
            !["gaussian", "eva", "orthogonal"].contains(start)
        {
            throw .unsupported(path: path, feature: "`init_lora_weights` of `\(start)`")
        }
    }

    /// Reads all changes.
    func adapter(maxRank: Int) throws(AdapterError) -> LoRAAdapter {
        guard rank <= maxRank else {
            throw .rankTooHigh(path: path, rank: rank, limit: maxRank)
        }
        var adapter = LoRAAdapter(path: path)
        for tensor in file.tensors {
            let (module, factor) = try parse(tensor.name)
            guard factor == .a else {
                try expect(module, .a)
                continue
            }
            let b = try expect(module, .b)
            let factors = LowRankFactors(file: file, a: tensor, b: b, scale: scale)
            guard factors.rank == rank else {
                throw .wrongShape(
                    path: path,
                    name: tensor.name,
                    found: tensor.shape,
                    expected: [rank, tensor.shape.last ?? 0]
                )
            }
            try adapter.add(
                HubNames.name(ofModule: module, targets.architecture) ?? module,
                label: module,
                factors,
                .hub,
                targets,
                maxRank: maxRank
            )
        }
        guard adapter.rank > 0 else {
            throw .malformed(path: path, detail: "it changes nothing")
        }
        return adapter
    }

    private enum Factor: String {
        case a = ".lora_A.weight"
        case b = ".lora_B.weight"
    }

    private static let prefix = "base_model.model."

    /// The module that a tensor belongs to, such as `model.layers.0.self_attn.q_proj`.
    private func parse(_ name: String) throws(AdapterError) -> (String, Factor) {
        for factor in [Factor.a, .b] where name.hasSuffix(factor.rawValue) {
            guard name.hasPrefix(Self.prefix) else { continue }
            return (
                String(name.dropFirst(Self.prefix.count).dropLast(factor.rawValue.count)), factor
            )
        }
        let feature =
            name.contains("lora_magnitude_vector")
            ? "DoRA (`\(name)`)"
            : name.contains("lora_embedding")
                ? "a change of embeddings (`\(name)`)"
                : "the tensor `\(name)`, which is no factor of a change,"
        throw .unsupported(path: path, feature: feature)
    }

    @discardableResult
    private func expect(_ module: String, _ factor: Factor) throws(AdapterError) -> TensorInfo {
        let name = Self.prefix + module + factor.rawValue
        guard let tensor = file.tensor(named: name) else {
            throw .malformed(path: path, detail: "`\(name)` is missing")
        }
        return tensor
    }
}
