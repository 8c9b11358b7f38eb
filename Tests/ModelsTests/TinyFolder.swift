import Foundation

/// A folder in Hugging Face's layout that a test makes up; llama's where it does not say.
struct TinyFolder: Sendable {
    struct Tensor: Sendable {
        var name: String
        var dtype: String
        var shape: [Int]
        var bytes: [UInt8]

        init(_ name: String, _ dtype: String, _ shape: [Int], _ bytes: [UInt8]) {
            (self.name, self.dtype, self.shape, self.bytes) = (name, dtype, shape, bytes)
        }
    }

    var config: [String: any Sendable] = [:]
    /// The configuration's `quantization_config`; none if it is empty.
    var quantization: [String: any Sendable] = [:]
    var tensors: [Tensor]

    func write(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        var settings: [String: Any] = ["model_type": "llama", "num_hidden_layers": 1]
        settings.merge(config) { $1 }
        if !quantization.isEmpty { settings["quantization_config"] = quantization }
        try JSONSerialization.data(withJSONObject: settings)
            .write(to: url.appendingPathComponent("config.json"))
        var header: [String: Any] = [:]
        var data = Data()
        for tensor in tensors {
            header[tensor.name] = [
                "dtype": tensor.dtype, "shape": tensor.shape,
                "data_offsets": [data.count, data.count + tensor.bytes.count],
            ]
            data.append(contentsOf: tensor.bytes)
        }
        let json = try JSONSerialization.data(withJSONObject: header)
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        file.append(json)
        file.append(data)
        try file.write(to: url.appendingPathComponent("model.safetensors"))
    }
}
