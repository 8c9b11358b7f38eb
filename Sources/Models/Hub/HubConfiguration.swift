import Checkpoints
import Foundation
import Kernels

/// config.json of a folder, said in GGUF's keys.
struct HubConfiguration {
    let path: String
    let architecture: Architecture
    /// Of the language model, if others are beside it.
    private let json: JSONValue
    /// Whether the output matrix is one of its own.
    let hasOwnHead: Bool
    /// How matrices are quantised.
    let quantization: HubQuantization

    /// The greatest file that is read.
    private static let byteLimit = 4 << 20

    /// GGUF's keys of what is a whole number, and what folders call it.
    private static let integers = [
        ("block_count", "num_hidden_layers"),
        ("embedding_length", "hidden_size"),
        ("feed_forward_length", "intermediate_size"),
        ("attention.head_count", "num_attention_heads"),
        ("attention.head_count_kv", "num_key_value_heads"),
        ("attention.key_length", "head_dim"),
        ("context_length", "max_position_embeddings"),
        ("expert_count", "num_experts"),
        ("expert_count", "num_local_experts"),
        ("expert_used_count", "num_experts_per_tok"),
        ("expert_used_count", "experts_per_token"),
        ("expert_feed_forward_length", "moe_intermediate_size"),
    ]

    init(path: String) throws {
        self.path = path
        let root = try Self.read(path)
        json = root["text_config"] ?? root
        guard let type = root["model_type"]?.string else {
            throw ModelError.badConfiguration(file: path, detail: "there is no model_type")
        }
        architecture = try Architectures.ofModelType(type, file: path)
        hasOwnHead = (root["tie_word_embeddings"] ?? json["tie_word_embeddings"])?.bool == false
        quantization = try Self.quantization(root, json, architecture, path)
        try checkActivation()
    }

    /// What config.json says of it, or quantize_config.json beside it, as older folders have it.
    private static func quantization(
        _ root: JSONValue,
        _ json: JSONValue,
        _ architecture: Architecture,
        _ path: String
    ) throws -> HubQuantization {
        var source = (path: path, json: root["quantization_config"] ?? json["quantization_config"])
        let other = String(path.dropLast("config.json".count)) + "quantize_config.json"
        if source.json == nil, FileManager.default.fileExists(atPath: other) {
            source = (other, try read(other))
        }
        guard let json = source.json else { return .none }
        return try HubQuantization(json, isMixture: architecture.isMixture, file: source.path)
    }

    private static func read(_ path: String) throws -> JSONValue {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ModelError.badConfiguration(
                file: path,
                detail: "it cannot be read; a folder needs its model's config.json"
            )
        }
        guard data.count <= byteLimit else {
            throw ModelError.badConfiguration(
                file: path,
                detail: "it has \(data.count) bytes, over \(byteLimit)"
            )
        }
        do {
            return try JSONValue([UInt8](data))
        } catch {
            throw ModelError.badConfiguration(file: path, detail: error.description)
        }
    }

    private func checkActivation() throws {
        let names =
            architecture.activation == .geluMul
            ? ["gelu_pytorch_tanh", "gelu_new", "gelu_fast"] : ["silu", "swish"]
        let name = (json["hidden_activation"] ?? json["hidden_act"])?.string
        guard let name, !names.contains(name) else { return }
        throw ModelError.badConfiguration(
            file: path,
            detail: "the activation `\(name)` is not supported for \(architecture.name) "
                + "(\(names[0]) is)"
        )
    }

    /// How many layers there are to look for, at most what any model has.
    var layerCount: Int { min(max(integer("num_hidden_layers") ?? 0, 0), 1024) }

    /// A whole number of the file, or what the architecture has where the file says nothing.
    func integer(_ name: String) -> Int? {
        json[name]?.integer ?? architecture.hubDefaults[name]
    }

    func number(_ name: String) -> Double? {
        json[name]?.number ?? architecture.hubDefaults[name].map { Double($0) }
    }

    /// Everything under GGUF's keys.
    func metadata() throws -> Metadata {
        var entries = HubEntries(architecture: architecture.name)
        for (key, name) in Self.integers {
            if let value = integer(name) { entries.add(key, .int64(Int64(value))) }
        }
        if let renormalises = json["norm_topk_prob"]?.bool {
            entries.add("expert_weights_norm", .bool(renormalises))
        }
        if json["decoder_sparse_step"]?.integer ?? 1 != 1
            || json["mlp_only_layers"]?.array?.isEmpty == false
        {
            throw ModelError.badConfiguration(
                file: path,
                detail: "layers that are no mixture among some that are, are not supported"
            )
        }
        entries.add("attention.layer_norm_rms_epsilon", .float64(number("rms_norm_eps") ?? 1e-6))
        if let scalar = number("query_pre_attn_scalar"), scalar > 0 {
            entries.add("attention.scale", .float64(1 / scalar.squareRoot()))
        }
        for name in ["attn_logit_softcapping", "final_logit_softcapping"] where json[name] != nil {
            throw ModelError.badConfiguration(file: path, detail: "\(name) is not supported")
        }
        addSliding(to: &entries)
        try addRotary(to: &entries)
        return Metadata(entries.all, path: path)
    }

    /// The window and the layers that have it.
    private func addSliding(to entries: inout HubEntries) {
        guard let window = integer("sliding_window"), window > 0,
            json["use_sliding_window"]?.bool != false
        else { return }
        entries.add("attention.sliding_window", .int64(Int64(window)))
        let pattern = "attention.sliding_window_pattern"
        if let types = json["layer_types"]?.array {
            entries.add(pattern, .array(.bool(types.map { $0.string == "sliding_attention" })))
        } else if let period = json["sliding_window_pattern"]?.integer {
            entries.add(pattern, .int64(Int64(period)))
        } else if let first = json["max_window_layers"]?.integer,
            let count = integer("num_hidden_layers"), (1...1024).contains(count)
        {
            entries.add(pattern, .array(.bool((0..<count).map { $0 >= first })))
        }
    }

    /// RoPE, as transformers 5 writes it (`rope_parameters`, by kind of layer where they differ) or
    /// as it was written before.
    private func addRotary(to entries: inout HubEntries) throws {
        let parameters = json["rope_parameters"]
        let global = parameters?["full_attention"] ?? parameters
        let sliding = parameters?["sliding_attention"]
        let scaling = global ?? json["rope_scaling"]
        let base = global?["rope_theta"]?.number ?? number("rope_theta") ?? 10_000
        entries.add("rope.freq_base", .float64(base))
        if let local = sliding?["rope_theta"]?.number ?? number("rope_local_base_freq") {
            entries.add("rope.freq_base_swa", .float64(local))
        }
        if let share = global?["partial_rotary_factor"]?.number ?? number("partial_rotary_factor"),
            let headSize = headSize
        {
            guard (0...1).contains(share) else {
                throw ModelError.badConfiguration(
                    file: path,
                    detail: "partial_rotary_factor is \(share)"
                )
            }
            entries.add("rope.dimension_count", .int64(Int64(share * Double(headSize))))
        }
        if let long = try longRotary {
            entries.add("rope.scaling.type", .string("longrope"))
            entries.add(
                "rope.scaling.original_context_length",
                .int64(Int64(long.originalContextLength))
            )
            entries.add("rope.scaling.attn_factor", .float64(long.attentionFactor))
        } else if let scaling {
            entries.add(scaling: scaling)
        }
    }

    /// LongRoPE, if it is the model's.
    var longRotary: LongRotary? {
        get throws {
            guard let scaling = json["rope_parameters"] ?? json["rope_scaling"],
                let type = (scaling["rope_type"] ?? scaling["type"])?.string,
                ["longrope", "su"].contains(type)
            else { return nil }
            return try LongRotary(scaling, of: json, file: path)
        }
    }

    private var headSize: Int? {
        if let size = integer("head_dim") { return size }
        guard let hidden = integer("hidden_size"), let heads = integer("num_attention_heads"),
            heads > 0
        else { return nil }
        return hidden / heads
    }
}

/// Metadata in the making.
struct HubEntries {
    private let architecture: String
    private(set) var all: [Metadata.Entry]

    init(architecture: String) {
        self.architecture = architecture
        all = [.init(key: "general.architecture", value: .string(architecture))]
    }

    /// Adds what is not there yet.
    mutating func add(_ key: String, _ value: MetadataValue) {
        guard !all.contains(where: { $0.key == "\(architecture).\(key)" }) else { return }
        all.append(.init(key: "\(architecture).\(key)", value: value))
    }

    /// How RoPE is stretched.
    mutating func add(scaling: JSONValue) {
        let type = (scaling["rope_type"] ?? scaling["type"])?.string ?? "default"
        guard type != "default" else { return }
        add("rope.scaling.type", .string(type))
        for (key, name) in [
            ("factor", "factor"), ("low_freq_factor", "low_freq_factor"),
            ("high_freq_factor", "high_freq_factor"), ("yarn_beta_fast", "beta_fast"),
            ("yarn_beta_slow", "beta_slow"),
        ] {
            if let value = scaling[name]?.number { add("rope.scaling.\(key)", .float64(value)) }
        }
        if let length = scaling["original_max_position_embeddings"]?.integer {
            add("rope.scaling.original_context_length", .int64(Int64(length)))
        }
        // GGUF has it less what YaRN's authors recommend.
        if let attention = scaling["attention_factor"]?.number,
            let factor = scaling["factor"]?.number, factor >= 1
        {
            add("rope.scaling.attn_factor", .float64(attention / (1 + 0.1 * log(factor))))
        }
    }
}
