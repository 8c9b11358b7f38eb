import Checkpoints
import Foundation
import Testing

/// A tiny random checkpoint of `Checkpoints`, whose script says how it was made: the files'
/// beginnings as transformers and the gguf package wrote them, the weights computed again.
struct CheckpointFixture: CustomTestStringConvertible, Sendable {
    /// Where the fixtures are; each has its name for a folder.
    static let all = [
        "llama", "mistral", "qwen2", "qwen3", "gemma3", "phi3",
    ].map { CheckpointFixture(name: $0) }

    let name: String
    var testDescription: String { name }

    private var folder: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Checkpoints/\(name)")
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
    /// - Parameter type: how weights are stored: F32, F16 or BF16, all of which hold them exactly.
    func writeFolder(_ path: String, type: DataType = .f32) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: folder.appendingPathComponent("config.json").path,
            toPath: path + "/config.json"
        )
        let recipe = try decode(Recipe.self, "recipe.json")
        let entries = try header().sorted { $0.value.data_offsets[0] < $1.value.data_offsets[0] }
        var header: [String: Any] = [:]
        var data = Data()
        for (name, entry) in entries {
            let values = try recipe.values(of: name, count: entry.shape.reduce(1, *))
            let start = data.count
            data.append(contentsOf: values.flatMap { type.bytes(of: $0) })
            header[name] = [
                "dtype": "\(type)", "shape": entry.shape, "data_offsets": [start, data.count],
            ]
        }
        var json = try JSONSerialization.data(withJSONObject: header)
        json.append(contentsOf: [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8))
        var file = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Data($0) }
        file.append(json)
        file.append(data)
        try file.write(to: URL(fileURLWithPath: path + "/model.safetensors"))
    }

    /// Writes a GGUF file.
    func writeGGUF(_ path: String) throws {
        let recipe = try decode(Recipe.self, "recipe.json")
        let header = try header()
        var file = try Data(contentsOf: folder.appendingPathComponent("gguf.bin"))
        for tensor in recipe.gguf {
            var values = tensor.values ?? []
            if let source = tensor.from {
                let shape = try #require(header[source]).shape
                values = try recipe.values(of: source, count: shape.reduce(1, *))
                if let heads = tensor.heads {
                    values = Self.permuted(values, rows: shape[0], heads: heads)
                }
                values = values.map { $0 + (tensor.add ?? 0) }
            }
            file.append(contentsOf: values.flatMap { DataType.f32.bytes(of: $0) })
            file.append(Data(count: (32 - file.count % 32) % 32))
        }
        try file.write(to: URL(fileURLWithPath: path))
    }

    /// Rows of queries or keys as llama.cpp's converter orders them: of each head, the first half
    /// and the second in turn.
    private static func permuted(_ values: [Float], rows: Int, heads: Int) -> [Float] {
        let columns = values.count / rows
        let headSize = rows / heads
        return (0..<rows).flatMap { row in
            let (head, place) = row.quotientAndRemainder(dividingBy: headSize)
            let source = head * headSize + place % 2 * (headSize / 2) + place / 2
            return values[source * columns..<(source + 1) * columns]
        }
    }

    private struct Entry: Decodable {
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

/// How the weights are made.
private struct Recipe: Decodable {
    struct Rule: Decodable {
        let shift: Int8
        let scale: Float
        let offset: Float
    }
    struct Tensor: Decodable {
        let name: String
        /// The folder's tensor it is made of, unless `values` are given.
        let from: String?
        let heads: Int?
        let add: Float?
        let values: [Float]?
    }
    let weights: [String: Rule]
    /// In the order of the file.
    let gguf: [Tensor]

    /// splitmix64 seeded by the FNV-1a hash of the name, a byte a step.
    func values(of name: String, count: Int) throws -> [Float] {
        let rule = try #require(weights[name])
        var state = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        return (0..<count).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            let byte = Int8(truncatingIfNeeded: (z ^ (z >> 31)) >> 56)
            return Float(byte >> rule.shift) * rule.scale + rule.offset
        }
    }
}

extension DataType {
    /// A number in this format, little-endian.
    fileprivate func bytes(of value: Float) -> [UInt8] {
        func little(_ bits: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: bits.littleEndian) { Array($0) }
        }
        return switch self {
        case .f16: little(Float16(value).bitPattern)
        case .bf16: little(UInt16(value.bitPattern >> 16))
        default: little(value.bitPattern)
        }
    }
}
