public import Checkpoints
import Foundation

/// A checkpoint of random weights, to measure a shape whose weights are not at hand. What it says
/// means nothing, and it has no vocabulary: it can be benchmarked, not served.
public struct SyntheticCheckpoint: Sendable {
    public let shape: SyntheticShape
    /// Of the matrices; vectors are single-precision.
    public let dataType: DataType

    /// - Throws: `SyntheticError` where no weights can be made in that format.
    public init(_ shape: SyntheticShape, _ dataType: DataType) throws(SyntheticError) {
        guard dataType.canBeSynthetic else { throw .unsupportedFormat("\(dataType)") }
        for tensor in shape.tensors where !tensor.isVector {
            guard tensor.columns % dataType.blockSize == 0 else {
                throw .unfitRow(columns: tensor.columns, format: "\(dataType)")
            }
        }
        self.shape = shape
        self.dataType = dataType
    }

    private static let alignment = 32

    private func type(_ tensor: SyntheticShape.Tensor) -> DataType {
        tensor.isVector ? .f32 : dataType
    }

    private func byteCount(_ tensor: SyntheticShape.Tensor) -> Int {
        let type = type(tensor)
        return tensor.rows * tensor.columns / type.blockSize * type.blockByteCount
    }

    private func padded(_ count: Int) -> Int {
        (count + Self.alignment - 1) / Self.alignment * Self.alignment
    }

    /// Bytes of all tensors.
    public var byteCount: Int { shape.tensors.reduce(0) { $0 + padded(byteCount($1)) } }

    /// Writes a GGUF file, over one that is there.
    /// - Throws: what the file system says.
    public func write(to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw SyntheticError.cannotCreate(path)
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        var header = header
        header.append(contentsOf: [UInt8](repeating: 0, count: padded(header.count) - header.count))
        try file.write(contentsOf: header)
        let pieces = [DataType.f32, dataType].reduce(into: [DataType: [UInt8]]()) {
            $0[$1] = $1.randomBlocks(max(1, (4 << 20) / $1.blockByteCount), seed: 1)
        }
        for tensor in shape.tensors {
            let piece = pieces[type(tensor)] ?? []
            var left = byteCount(tensor)
            while left > 0 {
                let size = min(left, piece.count)
                try file.write(contentsOf: Data(piece[..<size]))
                left -= size
            }
            let rest = padded(byteCount(tensor)) - byteCount(tensor)
            try file.write(contentsOf: Data(count: rest))
        }
        try file.close()
    }

    /// Magic, version, counts, metadata, tensors: `docs/gguf.md` of ggml.
    private var header: Data {
        var data = Data("GGUF".utf8)
        data.append(UInt32(3))
        data.append(UInt64(shape.tensors.count))
        let integers: [(String, Int)] = [
            ("block_count", shape.layerCount), ("embedding_length", shape.hiddenSize),
            ("feed_forward_length", shape.intermediateSize),
            ("attention.head_count", shape.headCount),
            ("attention.head_count_kv", shape.kvHeadCount),
            ("context_length", shape.contextLength), ("rope.dimension_count", shape.headSize),
        ]
        let floats: [(String, Float)] = [
            ("attention.layer_norm_rms_epsilon", 1e-5), ("rope.freq_base", shape.rotaryBase),
        ]
        data.append(UInt64(2 + integers.count + floats.count))
        for (key, value) in [
            ("general.architecture", "llama"), ("general.name", "synthetic \(shape.name)"),
        ] {
            data.append(text: key)
            data.append(UInt32(8))
            data.append(text: value)
        }
        for (key, value) in integers {
            data.append(text: "llama.\(key)")
            data.append(UInt32(4))
            data.append(UInt32(value))
        }
        for (key, value) in floats {
            data.append(text: "llama.\(key)")
            data.append(UInt32(6))
            data.append(value.bitPattern)
        }
        var offset = 0
        for tensor in shape.tensors {
            data.append(text: tensor.name)
            // Innermost first.
            let extents = tensor.isVector ? [tensor.columns] : [tensor.columns, tensor.rows]
            data.append(UInt32(extents.count))
            for extent in extents { data.append(UInt64(extent)) }
            data.append(type(tensor).rawValue)
            data.append(UInt64(offset))
            offset += padded(byteCount(tensor))
        }
        return data
    }
}

/// Why a synthetic checkpoint cannot be made.
public enum SyntheticError: Error, Equatable, CustomStringConvertible {
    case unsupportedFormat(String)
    case unfitRow(columns: Int, format: String)
    case cannotCreate(String)

    public var description: String {
        switch self {
        case .unsupportedFormat(let format): "There are no random weights in \(format)."
        case .unfitRow(let columns, let format):
            "Rows of \(columns) weights are no whole number of \(format) blocks; take another "
                + "format for this shape."
        case .cannotCreate(let path): "\(path) cannot be written."
        }
    }
}

extension Data {
    fileprivate mutating func append(_ value: some FixedWidthInteger) {
        var bits = value.littleEndian
        for _ in 0..<value.bitWidth / 8 {
            append(UInt8(truncatingIfNeeded: bits))
            bits = bits.bitWidth > 8 ? bits >> 8 : 0
        }
    }

    /// A string as GGUF has it: its length, then its bytes.
    fileprivate mutating func append(text: String) {
        append(UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
