import Foundation

/// A random adapter of the demo model, as PEFT saves one.
struct RandomAdapter {
    let seed: UInt64
    var rank = 4

    /// The modules it changes, with their rows and columns.
    private static let modules = [
        ("self_attn.q_proj", 576, 576), ("self_attn.v_proj", 192, 576),
        ("self_attn.o_proj", 576, 576), ("mlp.gate_proj", 1536, 576),
        ("mlp.down_proj", 576, 1536),
    ]

    /// Writes the folder.
    func write(_ folder: String) throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        let configuration = #"{"peft_type": "LORA", "r": \#(rank), "lora_alpha": \#(2 * rank)}"#
        try Data(configuration.utf8).write(
            to: URL(fileURLWithPath: folder + "/adapter_config.json")
        )
        var generator = SplitMix(seed: seed)
        var header: [String: Any] = [:]
        var data = Data()
        for layer in 0..<TestModel.firstLayerCount {
            for (module, rows, columns) in Self.modules {
                let name = "base_model.model.model.layers.\(layer).\(module)"
                for (factor, shape, scale) in [
                    ("lora_A", [rank, columns], Float(0.05)), ("lora_B", [rows, rank], 0.02),
                ] {
                    let values = (0..<shape[0] * shape[1]).map { _ in
                        Float.random(in: -scale...scale, using: &generator)
                    }
                    let start = data.count
                    values.withUnsafeBytes { data.append(contentsOf: $0) }
                    header["\(name).\(factor).weight"] = [
                        "dtype": "F32", "shape": shape, "data_offsets": [start, data.count],
                    ]
                }
            }
        }
        var json = try JSONSerialization.data(withJSONObject: header)
        json.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8))
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        file.append(json)
        file.append(data)
        try file.write(to: URL(fileURLWithPath: folder + "/adapter_model.safetensors"))
    }
}
