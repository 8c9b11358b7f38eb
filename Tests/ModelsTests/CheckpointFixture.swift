import Checkpoints
import Foundation
import Testing

/// A tiny random checkpoint of `Checkpoints`, whose script says how it was made: the files'
/// beginnings as transformers and the gguf package wrote them, the weights computed again.
struct CheckpointFixture: CustomTestStringConvertible, Sendable {
    /// Where the fixtures are; each has its name for a folder.
    static let all = [
        "llama", "mistral", "qwen2", "qwen3", "qwen3moe", "gemma3", "phi3", "gpt-oss",
        "gpt-oss-mxfp4", "phi3-longrope", "phi3-longrope-short",
    ].map { CheckpointFixture(name: $0) }

    /// Folders alone, whose matrices are packed otherwise than GGUF's, by `make_quantized.py`.
    static let quantized = [
        "qwen3-fp8", "qwen3-fp8-tensors", "llama-gptq", "llama-gptq-symmetric",
        "qwen2-gptq-unordered", "qwen2-awq",
    ].map { CheckpointFixture(name: $0) }

    let name: String
    /// The folder of the fixtures.
    var kind = "Checkpoints"
    var testDescription: String { name }

    private var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("\(kind)/\(name)")
    }

    /// A prompt and what transformers says of it.
    struct Reference: Decodable {
        struct Position: Decodable {
            /// Token and logprob, best first.
            let top: [[Double]]
            /// The logprob of the prompt's next token.
            let next: Double?
        }
        let prompt: [UInt32]
        let positions: [Position]
    }

    func reference() throws -> Reference { try decode(Reference.self, "reference.json") }

    /// Writes a folder in Hugging Face's layout.
    /// - Parameters:
    ///   - type: how weights are stored: F32, F16 or BF16, all of which hold them exactly.
    ///   - prefix: what the files' names begin with.
    func writeFolder(_ path: String, type: DataType = .f32, prefix: String = "") throws {
        let configuration = prefix + "config.json"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: folder.appendingPathComponent(configuration).path,
            toPath: "\(path)/\(configuration)"
        )
        let recipe = try decode(Recipe.self, "recipe.json")
        let entries = try header().sorted { $0.value.data_offsets[0] < $1.value.data_offsets[0] }
        var header: [String: Any] = [:]
        var data = Data()
        for (name, entry) in entries {
            let start = data.count
            let byteCount = entry.data_offsets[1] - entry.data_offsets[0]
            var dtype = entry.dtype
            if let bytes = try recipe.bytes(of: name, count: byteCount) {
                data.append(contentsOf: bytes)
            } else {
                let values = try recipe.values(of: name, count: entry.shape.reduce(1, *))
                let type = dtype == "U8" ? DataType.u8 : type
                data.append(contentsOf: values.flatMap { type.bytes(of: $0) })
                dtype = "\(type)"
            }
            header[name] = [
                "dtype": dtype, "shape": entry.shape, "data_offsets": [start, data.count],
            ]
        }
        var json = try JSONSerialization.data(withJSONObject: header)
        json.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8))
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        file.append(json)
        file.append(data)
        try file.write(to: URL(fileURLWithPath: "\(path)/\(prefix)model.safetensors"))
    }

    /// Writes a GGUF file.
    func writeGGUF(_ path: String) throws {
        let recipe = try decode(Recipe.self, "recipe.json")
        let header = try header()
        var file = try Data(contentsOf: folder.appendingPathComponent("gguf.bin"))
        for tensor in recipe.gguf {
            file.append(contentsOf: try recipe.bytes(of: tensor, header))
            file.append(Data(count: (32 - file.count % 32) % 32))
        }
        try file.write(to: URL(fileURLWithPath: path))
    }

    struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    private func header() throws -> [String: Entry] {
        let data = try Data(contentsOf: folder.appendingPathComponent("safetensors.json"))
        var json = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        json["__metadata__"] = nil
        return try JSONDecoder().decode(
            [String: Entry].self,
            from: JSONSerialization.data(withJSONObject: json)
        )
    }

    private func decode<T: Decodable>(_ type: T.Type, _ file: String) throws -> T {
        try JSONDecoder().decode(
            type,
            from: Data(contentsOf: folder.appendingPathComponent(file))
        )
    }
}

extension DataType {
    /// A number in this format, little-endian.
    func bytes(of value: Float) -> [UInt8] {
        func little(_ bits: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: bits.littleEndian) { Array($0) }
        }
        return switch self {
        case .f16: little(Float16(value).bitPattern)
        case .u8: [UInt8(truncatingIfNeeded: Int(value))]
        case .bf16: little(UInt16(value.bitPattern >> 16))
        default: little(value.bitPattern)
        }
    }
}
