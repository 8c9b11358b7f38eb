import Checkpoints
import Foundation
import Testing

/// How the weights of a tiny checkpoint are made, and the tensors of its GGUF file of them.
struct Recipe: Decodable {
    /// Of numbers; or of bytes and words, which are the stream's less and with some bits, or given.
    struct Rule: Decodable {
        let shift: Int8?
        let scale: Float?
        let offset: Float?
        let and: UInt8?
        let or: UInt8?
        let words: [Int32]?
    }

    /// A tensor of the GGUF file: `values`, or the folder's tensor `from`, changed in one way.
    struct Tensor: Decodable {
        let name: String
        let from: String?
        let values: [Float]?
        /// The folder's tensors one after the other.
        let stack: [String]?
        /// Heads whose halves become neighbours.
        let heads: Int?
        let add: Float?
        /// Of each row, every so manieth element from an offset on.
        let every: [Int]?
        /// Of each expert's matrix, every so manieth column from an offset on, as rows.
        let transposed: [Int]?
        /// Of each expert's packed matrix, every so manieth row from an offset on, as GGUF packs.
        let mxfp4: [Int]?
    }

    let weights: [String: Rule]
    /// In the order of the file.
    let gguf: [Tensor]

    /// The numbers of a tensor of the folder.
    func values(of name: String, count: Int) throws -> [Float] {
        let rule = try #require(weights[name])
        let (shift, scale) = try (#require(rule.shift), #require(rule.scale))
        let offset = try #require(rule.offset)
        return stream(of: name, count: count).map { Float($0 >> shift) * scale + offset }
    }

    /// The bytes of a tensor of the folder that is not one of numbers; nil where it is.
    func bytes(of name: String, count: Int) throws -> [UInt8]? {
        let rule = try #require(weights[name])
        if let words = rule.words {
            return words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
        }
        guard let and = rule.and, let or = rule.or else { return nil }
        return stream(of: name, count: count).map { UInt8(bitPattern: $0) & and | or }
    }

    /// splitmix64 seeded by the FNV-1a hash of the name, a byte a step.
    private func stream(of name: String, count: Int) -> [Int8] {
        var state = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        return (0..<count).map { _ in
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return Int8(truncatingIfNeeded: (z ^ (z >> 31)) >> 56)
        }
    }

    /// A tensor of the GGUF file.
    /// - Parameter folder: the tensors of the folder.
    func bytes(
        of tensor: Tensor,
        _ folder: [String: CheckpointFixture.Entry]
    ) throws -> [UInt8] {
        func source(_ name: String) throws -> (values: [Float], shape: [Int]) {
            let shape = try #require(folder[name]).shape
            return (try self.values(of: name, count: shape.reduce(1, *)), shape)
        }
        if let pattern = tensor.mxfp4 {
            let from = try #require(tensor.from)
            return try mxfp4(source(from + "_blocks"), source(from + "_scales").values, pattern)
        }
        var values = tensor.values ?? []
        if let stack = tensor.stack { values = try stack.flatMap { try source($0).values } }
        if let from = tensor.from { values = change(try source(from), tensor) }
        return values.flatMap { DataType.f32.bytes(of: $0) }
    }

    private func change(_ source: (values: [Float], shape: [Int]), _ tensor: Tensor) -> [Float] {
        let (values, shape) = source
        if let heads = tensor.heads {
            let columns = shape[1]
            let headSize = shape[0] / heads
            return (0..<shape[0]).flatMap { row in
                let (head, place) = row.quotientAndRemainder(dividingBy: headSize)
                let source = head * headSize + place % 2 * (headSize / 2) + place / 2
                return values[source * columns..<(source + 1) * columns]
            }
        }
        if let every = tensor.every {
            return stride(from: every[1], to: values.count, by: every[0]).map { values[$0] }
        }
        if let pattern = tensor.transposed {
            let (columns, width) = (shape[1], shape[2])
            return (0..<shape[0]).flatMap { expert in
                stride(from: pattern[1], to: width, by: pattern[0]).flatMap { row in
                    (0..<columns).map { values[(expert * columns + $0) * width + row] }
                }
            }
        }
        return values.map { $0 + (tensor.add ?? 0) }
    }

    /// A block of 32 weights: its scale, then weights n and n + 16 in a byte, low bits first; the
    /// folder has weights 2n and 2n + 1 in one.
    private func mxfp4(
        _ blocks: (values: [Float], shape: [Int]),
        _ scales: [Float],
        _ pattern: [Int]
    ) -> [UInt8] {
        let quads = blocks.values.map { UInt8(truncatingIfNeeded: Int($0)) }
        let count = blocks.shape[2]
        let rows = blocks.shape[0] * blocks.shape[1]
        return stride(from: pattern[1], to: rows, by: pattern[0]).flatMap { row in
            (row * count..<(row + 1) * count).flatMap { block -> [UInt8] in
                let codes = quads[16 * block..<16 * (block + 1)].flatMap { [$0 & 15, $0 >> 4] }
                return [UInt8(scales[block])] + (0..<16).map { codes[$0] | codes[$0 + 16] << 4 }
            }
        }
    }
}
