/// The one table that says which Swift name a shader's stem becomes: `rms_norm` is `RMSNorm`.
enum ShaderNames {
    /// Parts of a stem that are not simply capitalised.
    static let acronyms = [
        "cpu": "CPU", "fma": "FMA", "gpu": "GPU", "kv": "KV", "lora": "LoRA",
        "rms": "RMS", "rope": "RoPE",
    ]

    /// Endings that tell apart kernels for different devices, or the second half of an
    /// operation, behind one launcher.
    static let families = [
        "_broadcast", "_cpu", "_gpu", "_dot", "_coopmat", "_coopmat2", "_reduce",
    ]

    /// Operations that another one's launcher chooses by shape: a product with few columns.
    static let variants = ["matvec": "matmul"]

    /// `paged_attention_cpu` and `paged_attention_gpu` are both `PagedAttention`.
    static func swiftName(ofStem stem: String) -> String {
        var operation = stem
        for family in families where operation.hasSuffix(family) {
            operation = String(operation.dropLast(family.count))
        }
        return (variants[operation] ?? operation).split(separator: "_").map { part in
            acronyms[String(part)] ?? part.prefix(1).uppercased() + part.dropFirst()
        }.joined()
    }
}
