import Checkpoints
import Foundation

/// The demo model with its first layers only, as a file of its own: a draft model with the same
/// vocabulary, or a model that takes less time.
struct ShortenedModel {
    let path: String

    /// - Parameters:
    ///   - layerCount: how many layers are left.
    ///   - contextLength: the most tokens it is said to be made for.
    ///   - isNegated: whether it finds most probable what it would find least so.
    init(
        of source: String,
        layerCount: Int,
        contextLength: Int = 2048,
        isNegated: Bool = false
    ) throws {
        let file = try GGUFFile(path: source)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: source), options: .alwaysMapped)
        let kept = file.tensors.filter { tensor in
            let parts = tensor.name.split(separator: ".")
            return parts[0] != "blk" || (Int(parts[1]) ?? 0) < layerCount
        }
        // The metadata is taken as it is; the tensors' descriptions begin after it.
        let first = Self.text(file.tensors[0].name)
        guard let end = bytes.range(of: first)?.lowerBound else {
            throw CocoaError(.fileReadCorruptFile)
        }
        var output = Data(bytes[..<end])
        output.replaceSubrange(8..<16, with: Self.number(UInt64(kept.count)))
        for (key, value) in [("block_count", layerCount), ("context_length", contextLength)] {
            guard let place = output.range(of: Self.text("llama.\(key)")) else {
                throw CocoaError(.fileReadCorruptFile)
            }
            // Behind the type.
            let start = place.upperBound + 4
            output.replaceSubrange(start..<start + 4, with: Self.number(UInt32(value)))
        }
        var offset = 0
        for tensor in kept {
            output += Self.text(tensor.name) + Self.number(UInt32(tensor.shape.count))
            for extent in tensor.shape.reversed() { output += Self.number(UInt64(extent)) }
            output += Self.number(tensor.dataType.rawValue) + Self.number(UInt64(offset))
            offset += Self.padded(tensor.byteCount)
        }
        output += Data(count: Self.padded(output.count) - output.count)
        for tensor in kept {
            var data = bytes[tensor.fileOffset..<tensor.fileOffset + tensor.byteCount]
            if isNegated && tensor.name == "output_norm.weight" {
                // The sign of each float.
                for index in stride(from: data.startIndex + 3, to: data.endIndex, by: 4) {
                    data[index] ^= 0x80
                }
            }
            output += data + Data(count: Self.padded(data.count) - data.count)
        }
        path = NSTemporaryDirectory() + "/shortened-\(UInt64.random(in: 0 ... .max)).gguf"
        try output.write(to: URL(fileURLWithPath: path))
    }

    /// Removes the file.
    func remove() { try? FileManager.default.removeItem(atPath: path) }

    private static func padded(_ count: Int) -> Int { (count + 31) / 32 * 32 }

    private static func number(_ value: some FixedWidthInteger) -> Data {
        withUnsafeBytes(of: value.littleEndian) { Data($0) }
    }

    /// A string as GGUF has it: its length, then its bytes.
    private static func text(_ text: String) -> Data {
        number(UInt64(text.utf8.count)) + Data(text.utf8)
    }
}
