extension Architecture {
    /// Llama (Touvron et al. 2023; Grattafiori et al. 2024), and the many models made in its shape.
    static let llama = Architecture(
        name: "llama",
        modelTypes: ["llama"],
        models: "Llama 1 to 3.3, SmolLM2, Mistral as GGUF",
        rotatesNeighboursInGGUF: true
    )

    /// Mistral (Jiang et al. 2023): Llama with a window that slides. GGUF files of it are llama's.
    static let mistral = Architecture(
        name: "mistral",
        modelTypes: ["mistral"],
        models: "Mistral 7B, Mistral NeMo, Ministral",
        rotatesNeighboursInGGUF: true
    )
}
