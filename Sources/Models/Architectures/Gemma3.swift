import Kernels

extension Architecture {
    /// Gemma 3 (Gemma Team 2025), its text half: of six layers five slide, with a RoPE base of
    /// their own; norms on both sides of each half of a layer, and of each head's query and key;
    /// GELU gates. Weights of norms are stored less one in folders.
    static let gemma3 = Architecture(
        name: "gemma3",
        modelTypes: ["gemma3_text", "gemma3"],
        models: "Gemma 3, text",
        hasHeadNorms: true,
        hasPostNorms: true,
        scalesEmbedding: true,
        activation: .geluMul,
        hubNormOffset: 1,
        slidingPeriod: 6,
        slidingRotaryBase: 10_000,
        hubNames: [
            "post_attention_norm": "post_attention_layernorm",
            "ffn_norm": "pre_feedforward_layernorm",
            "post_ffw_norm": "post_feedforward_layernorm",
        ],
        // Published folders rely on these.
        hubDefaults: [
            "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
            "query_pre_attn_scalar": 256, "rope_theta": 1_000_000, "sliding_window": 4096,
            "max_position_embeddings": 131_072,
        ]
    )
}
