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
}
