import Checkpoints
import Foundation

/// A made-up model: every metadata type, and tensors of several formats.
enum Sample {
    static let pairs: [(key: String, value: MetadataValue)] = [
        ("general.architecture", .string("llama")),
        ("general.alignment", .uint32(64)),
        ("a.uint8", .uint8(200)), ("a.int8", .int8(-100)),
        ("a.uint16", .uint16(60_000)), ("a.int16", .int16(-30_000)),
        ("a.uint32", .uint32(4_000_000_000)), ("a.int32", .int32(-2_000_000_000)),
        ("a.uint64", .uint64(.max)), ("a.int64", .int64(.min)),
        ("a.float32", .float32(1.5e-5)), ("a.float64", .float64(-0.1)),
        ("a.true", .bool(true)), ("a.false", .bool(false)),
        ("a.string", .string("naïve 模型 🪨")), ("an.empty.string", .string("")),
        ("of.uint8", .array(.uint8([1, 255]))), ("of.int8", .array(.int8([-1, 127]))),
        ("of.uint16", .array(.uint16([1, 65_535]))), ("of.int16", .array(.int16([-1, 32_767]))),
        ("of.uint32", .array(.uint32([1, .max]))), ("of.int32", .array(.int32([-1, .max]))),
        ("of.uint64", .array(.uint64([1, 2]))), ("of.int64", .array(.int64([-1, .max]))),
        ("of.float32", .array(.float32([0.5, -3]))), ("of.float64", .array(.float64([0.1, 9]))),
        ("of.bool", .array(.bool([true, false, true]))),
        ("of.string", .array(.string(["<s>", "", "Ġthe"]))),
        ("of.nothing", .array(.float32([]))),
        ("of.arrays", .array(.array([.int32([1, 2]), .string(["x"]), .array([.bool([true])])]))),
    ]

    static let tensors: [GGUFBuilder.Tensor] = [
        .init(
            "token_embd.weight",
            extents: [64, 3],
            type: DataType.q4_0.rawValue,
            data: (0..<108).map { UInt8($0) }
        ),
        .init("norm.weight", extents: [5], data: [0, 0, 128, 63] + .init(repeating: 9, count: 16)),
        .init("scalar", extents: [], data: [1, 2, 3, 4]),
        .init(
            "experts",
            extents: [256, 2, 2, 1],
            type: DataType.q6_K.rawValue,
            data: .init(repeating: 3, count: 840)
        ),
    ]

    static var builder: GGUFBuilder {
        var builder = GGUFBuilder()
        (builder.pairs, builder.tensors, builder.alignment) = (pairs, tensors, 64)
        return builder
    }
}

/// A file in the temporary folder that goes away with this object.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8] = []) throws {
        let name = "checkpoints-\(UUID().uuidString).gguf"
        path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

extension RawSpan {
    /// A copy of the bytes.
    var array: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}
