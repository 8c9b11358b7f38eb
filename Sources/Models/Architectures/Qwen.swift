extension Architecture {
    /// Qwen 2 and 2.5 (Yang et al. 2024): queries, keys and values with a bias.
    static let qwen2 = Architecture(
        name: "qwen2",
        modelTypes: ["qwen2"],
        models: "Qwen 2, Qwen 2.5, QwQ, DeepSeek-R1-Distill-Qwen",
        hasBias: true
    )

    /// Qwen 3 (Yang et al. 2025): no bias, but a norm of each head's query and key.
    static let qwen3 = Architecture(
        name: "qwen3",
        modelTypes: ["qwen3"],
        models: "Qwen 3, dense",
        hasHeadNorms: true
    )

    /// Qwen 3's mixtures of experts: every layer's feed-forward network is one.
    static let qwen3moe = Architecture(
        name: "qwen3moe",
        modelTypes: ["qwen3_moe"],
        models: "Qwen 3 30B-A3B, 235B-A22B, Qwen3-Coder",
        hasHeadNorms: true,
        isMixture: true,
        hubNames: [
            "ffn_gate_inp": "mlp.gate", "ffn_gate": "mlp.experts.gate_proj",
            "ffn_up": "mlp.experts.up_proj", "ffn_down": "mlp.experts.down_proj",
        ]
    )
}
