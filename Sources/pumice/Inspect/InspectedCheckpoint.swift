import Checkpoints
import Foundation
import Models

/// A checkpoint's header: of a GGUF file, or of a folder of safetensors with its `config.json`.
struct InspectedCheckpoint {
    /// Such as `GGUF version 3`.
    let format: String
    let metadata: Metadata
    let tensors: [TensorInfo]

    /// - Parameter quantization: what the matrices are to become; nil: they stay.
    /// - Throws: why there is no such checkpoint, or nothing in it to quantise.
    init(path: String, quantization: Quantization? = nil) throws {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        if attributes?[.type] as? FileAttributeType == .typeDirectory {
            format = "safetensors"
            let folder = try SafetensorsFolder(path: path)
            // A folder that cannot be served can still be looked at.
            let model: (any ModelCheckpoint)? =
                if let quantization {
                    try openModelCheckpoint(path: path, quantization: quantization)
                } else {
                    try? openModelCheckpoint(path: path)
                }
            tensors = model?.tensors ?? folder.tensors
            metadata = model?.metadata ?? Self.configuration(path + "/config.json")
        } else {
            let file = try GGUFFile(path: path)
            format = "GGUF version \(file.version)"
            tensors =
                try quantization.map {
                    try openModelCheckpoint(path: path, quantization: $0).tensors
                } ?? file.tensors
            metadata = file.metadata
        }
    }

    /// Hugging Face's names of what GGUF names otherwise.
    private static let names = [
        ("num_hidden_layers", "block_count"), ("num_attention_heads", "attention.head_count"),
        ("num_key_value_heads", "attention.head_count_kv"), ("hidden_size", "embedding_length"),
        ("head_dim", "attention.key_length"), ("max_position_embeddings", "context_length"),
    ]

    /// The numbers of a `config.json` under GGUF's keys; none if it is not there.
    private static func configuration(_ path: String) -> Metadata {
        guard let data = FileManager.default.contents(atPath: path),
            let config = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let architecture = config["model_type"] as? String
        else { return Metadata([], path: path) }
        // Models that see images, too, have a part for text.
        let text = config["text_config"] as? [String: Any] ?? config
        let numbers = names.compactMap { theirs, ours in
            (text[theirs] as? Int).flatMap(UInt32.init(exactly:)).map {
                Metadata.Entry(key: "\(architecture).\(ours)", value: .uint32($0))
            }
        }
        let name = Metadata.Entry(key: "general.architecture", value: .string(architecture))
        return Metadata([name] + numbers, path: path)
    }
}
