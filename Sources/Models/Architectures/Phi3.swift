extension Architecture {
    /// Phi-3 and Phi-4 (Abdin et al. 2024): queries, keys and values are one matrix, gate and up
    /// another; RoPE may leave the end of a head alone.
    static let phi3 = Architecture(
        name: "phi3",
        modelTypes: ["phi3"],
        models: "Phi-3, Phi-3.5 and Phi-4",
        isFused: true,
        hubNames: ["attn_qkv": "self_attn.qkv_proj", "ffn_up": "mlp.gate_up_proj"]
    )
}
