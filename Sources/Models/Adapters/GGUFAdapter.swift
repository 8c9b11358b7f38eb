import Checkpoints

/// An adapter in a GGUF file, as llama.cpp's converter writes it.
struct GGUFAdapter {
    private let file: GGUFFile
    private let targets: AdapterTargets
    private let alpha: Float

    init(path: String, _ targets: AdapterTargets) throws(AdapterError) {
        self.targets = targets
        do {
            file = try GGUFFile(path: path)
        } catch {
            throw .malformed(path: path, detail: "\(error)")
        }
        let metadata = file.metadata
        let type: String?
        let architecture: String?
        let method: String?
        do {
            type = try metadata.optionalString("general.type")
            architecture = try metadata.optionalString("general.architecture")
            method = try metadata.optionalString("adapter.type")
            alpha = Float(try metadata.optionalFloat("adapter.lora.alpha") ?? 0)
        } catch {
            throw .malformed(path: path, detail: "\(error)")
        }
        guard type == "adapter" else {
            throw .notFound(
                path: path,
                detail: "its general.type is `\(type ?? "model")`, not `adapter`"
            )
        }
        guard method == "lora" else {
            throw .unsupported(path: path, feature: "adapter.type `\(method ?? "none")`; only lora")
        }
        guard architecture == targets.architecture.name else {
            throw .malformed(
                path: path,
                detail: "its architecture is `\(architecture ?? "none")`, the model's "
                    + "`\(targets.architecture.name)`"
            )
        }
        guard metadata["adapter.alora.invocation_tokens"] == nil else {
            throw .unsupported(path: path, feature: "adapter.alora.invocation_tokens")
        }
        guard alpha.isFinite else {
            throw .malformed(path: path, detail: "adapter.lora.alpha is \(alpha)")
        }
    }

    /// Reads all changes.
    func adapter(maxRank: Int) throws(AdapterError) -> LoRAAdapter {
        var adapter = LoRAAdapter(path: file.path)
        let (a, b) = (".weight.lora_a", ".weight.lora_b")
        for tensor in file.tensors {
            let name = tensor.name
            guard name.hasSuffix(a) else {
                guard name.hasSuffix(b), file.tensor(named: name.dropLast(b.count) + a) != nil
                else {
                    throw .unsupported(
                        path: file.path,
                        feature: "the tensor `\(name)`, which is no factor of a change,"
                    )
                }
                continue
            }
            let matrix = String(name.dropLast(a.count))
            guard let other = file.tensor(named: matrix + b) else {
                throw .malformed(path: file.path, detail: "`\(matrix + b)` is missing")
            }
            let rank = tensor.shape.first ?? 1
            try adapter.add(
                matrix,
                label: matrix,
                LowRankFactors(
                    file: file,
                    a: tensor,
                    b: other,
                    // As llama.cpp: an alpha of 0 stands for none.
                    scale: alpha == 0 ? 1 : alpha / Float(max(1, rank))
                ),
                .gguf,
                targets,
                maxRank: maxRank
            )
        }
        guard adapter.rank > 0 else {
            throw .malformed(path: file.path, detail: "it changes nothing")
        }
        return adapter
    }
}
