/// How folders name the tensors that GGUF's names mean.
struct HubNames {
    /// What the names of the language model begin with: `model.`, or more where it is a part of a
    /// model that also sees.
    let prefix: String
    private let parts: [String: String]

    /// Parts of a layer, as most architectures have them.
    private static let common = [
        "attn_norm": "input_layernorm",
        "attn_q": "self_attn.q_proj",
        "attn_k": "self_attn.k_proj",
        "attn_v": "self_attn.v_proj",
        "attn_q_norm": "self_attn.q_norm",
        "attn_k_norm": "self_attn.k_norm",
        "attn_output": "self_attn.o_proj",
        "ffn_norm": "post_attention_layernorm",
        "ffn_gate": "mlp.gate_proj",
        "ffn_up": "mlp.up_proj",
        "ffn_down": "mlp.down_proj",
    ]

    /// The prefixes there are, the usual one first.
    private static let prefixes = ["model.", "language_model.model.", "model.language_model."]

    /// - Parameter has: whether the folder has a tensor.
    init(_ architecture: Architecture, has: (String) -> Bool) {
        prefix =
            Self.prefixes.first { has($0 + "embed_tokens.weight") } ?? Self.prefixes[0]
        parts = Self.common.merging(architecture.hubNames) { $1 }
    }

    /// The folder's name for a tensor; nil if it has none.
    func name(of tensor: String) -> String? {
        switch tensor {
        case "token_embd.weight": return prefix + "embed_tokens.weight"
        case "output_norm.weight": return prefix + "norm.weight"
        case "output.weight": return head
        default: break
        }
        // blk.LAYER.PART.weight
        let words = tensor.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard words.count == 4, words[0] == "blk", let part = parts[String(words[2])] else {
            return nil
        }
        let layer = "\(prefix)layers.\(words[1])."
        // Sinks are no module with a weight, but a weight.
        if words[2] == "attn_sinks" { return layer + part }
        // blk.LAYER.PART.EXPERT.weight
        let ending = words[3].split(separator: ".")
        if ending.count == 2, part.hasPrefix(Self.experts) {
            return "\(layer)\(Self.experts)\(ending[0]).\(part.dropFirst(Self.experts.count))."
                + "\(ending[1])"
        }
        return "\(layer)\(part).\(words[3])"
    }

    /// The folder's name for a part of a layer, such as `self_attn.q_proj`; nil if it has none.
    func module(ofPart part: String) -> String? { parts[part] }

    /// GGUF's name for a module of a layer, such as `model.layers.0.self_attn.q_proj`, without
    /// `.weight`; nil if it has none.
    static func name(ofModule module: String, _ architecture: Architecture) -> String? {
        let parts = common.merging(architecture.hubNames) { $1 }
        for prefix in prefixes.map({ $0 + "layers." }) where module.hasPrefix(prefix) {
            let words = module.dropFirst(prefix.count).split(separator: ".", maxSplits: 1)
            guard words.count == 2 else { continue }
            // What an architecture calls differently is under its own name only.
            if let found = parts.first(where: { $0.value == words[1] }) {
                return "blk.\(words[0]).\(found.key)"
            }
        }
        return nil
    }

    /// What the parts of experts begin with; the expert's number follows.
    private static let experts = "mlp.experts."

    /// Beside the model, not in it.
    private var head: String {
        prefix == "language_model.model." ? "language_model.lm_head.weight" : "lm_head.weight"
    }

    /// Whether a tensor is none of the language model's: those by which a model sees, and what
    /// older files hold though it is computed.
    func isBeside(_ name: String) -> Bool {
        name.hasSuffix(".rotary_emb.inv_freq") || name.hasPrefix("vision_tower.")
            || name.hasPrefix("multi_modal_projector.") || name.hasPrefix("model.vision_tower.")
            || name.hasPrefix("model.multi_modal_projector.")
    }
}
