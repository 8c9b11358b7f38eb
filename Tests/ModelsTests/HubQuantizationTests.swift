import Checkpoints
import Foundation
import Models
import Testing

/// Folders by FP8, GPTQ and AWQ: what they become, and wrong ones.
struct HubQuantizationTests {
    private typealias Tensor = TinyFolder.Tensor
    private static let matrix = "model.layers.0.mlp.up_proj"

    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    private static let fp8 = TinyFolder(
        quantization: ["quant_method": "fp8", "weight_block_size": [32, 64]],
        tensors: [
            Tensor(matrix + ".weight", "F8_E4M3", [48, 96], zeros(48 * 96)),
            Tensor(matrix + ".weight_scale_inv", "F32", [2, 2], zeros(16)),
        ]
    )

    private static let gptq = TinyFolder(
        quantization: ["quant_method": "gptq", "bits": 4, "group_size": 32],
        tensors: [
            Tensor(matrix + ".qweight", "I32", [12, 48], zeros(12 * 48 * 4)),
            Tensor(matrix + ".qzeros", "I32", [3, 6], [UInt8](repeating: 0x77, count: 72)),
            Tensor(matrix + ".scales", "F16", [3, 48], zeros(3 * 48 * 2)),
            Tensor(
                matrix + ".g_idx",
                "I32",
                [96],
                (0..<96).flatMap { [UInt8($0 / 32), 0, 0, 0] }
            ),
        ]
    )

    private static let awq = TinyFolder(
        quantization: ["quant_method": "awq", "bits": 4, "group_size": 32],
        tensors: [
            Tensor(matrix + ".qweight", "I32", [96, 6], zeros(96 * 6 * 4)),
            Tensor(matrix + ".qzeros", "I32", [3, 6], zeros(72)),
            Tensor(matrix + ".scales", "F16", [3, 48], zeros(3 * 48 * 2)),
        ]
    )

    /// Opens the folder and reads everything in it.
    private func open(_ folder: TinyFolder) throws -> DataType? {
        var type: DataType?
        try withTemporaryFolder { path in
            try folder.write(path)
            let opened = try HubFolder(path: path)
            type = opened.tensor(named: "blk.0.ffn_up.weight")?.dataType
            for tensor in opened.tensors where tensor.byteCount > 0 {
                var bytes = Self.zeros(tensor.byteCount)
                var span = bytes.mutableSpan
                var target = span.mutableBytes
                try opened.read(tensor, 0..<tensor.byteCount, into: &target, at: 0)
            }
        }
        return type
    }

    @Test func matricesBecomeWhatKeepsThem() throws {
        #expect(try open(Self.fp8) == .bf16)
        #expect(try open(Self.awq) == .q4_1)
        // Zeros of 8 are Q4_0's own.
        #expect(try open(Self.gptq) == .q4_0)
        var other = Self.gptq
        other.quantization = ["bits": 4, "group_size": 32, "sym": false]
        #expect(try open(other) == .q4_1)
        other.tensors[3].bytes.swapAt(0, 4 * 95)
        #expect(try open(other) == .f16)
    }

    /// As folders of 2023 have it.
    @Test func aConfigurationOfItsOwnIsReadToo() throws {
        try withTemporaryFolder { path in
            var folder = Self.gptq
            folder.quantization = [:]
            try folder.write(path)
            try Data("{\"bits\": 4, \"group_size\": 32, \"sym\": true, \"desc_act\": false}".utf8)
                .write(to: URL(fileURLWithPath: path + "/quantize_config.json"))
            let matrix = try HubFolder(path: path).tensor(named: "blk.0.ffn_up.weight")
            #expect(matrix?.dataType == .q4_0 && matrix?.shape == [48, 96])
        }
    }

    private struct Wrong: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let folder: TinyFolder

        init(_ message: String, _ folder: TinyFolder, _ change: (inout TinyFolder) -> Void) {
            var folder = folder
            change(&folder)
            (testDescription, self.folder) = (message, folder)
        }

        init(_ message: String, _ folder: TinyFolder, _ key: String, _ value: any Sendable) {
            self.init(message, folder) { $0.quantization[key] = value }
        }
    }

    private static let wrong = [
        Wrong("quantised by `bitsandbytes` are not", gptq, "quant_method", "bitsandbytes"),
        Wrong("compressed-tensors of other weights", gptq, "quant_method", "compressed-tensors"),
        Wrong("GPTQ weights of 3 bits", gptq, "bits", 3),
        Wrong("AWQ weights of 8 bits", awq, "bits", 8),
        Wrong("group size of GPTQ weights is 0", gptq, "group_size", 0),
        Wrong("group size of AWQ weights is 33", awq, "group_size", 33),
        Wrong("group size of GPTQ weights is -9223", gptq, "group_size", Int.min),
        Wrong("packed for `gemv`", awq, "version", "GEMV"),
        Wrong("GPTQ format `marlin`", gptq, "checkpoint_format", "marlin"),
        Wrong("is to be two numbers", fp8, "weight_block_size", [0, 128]),
        Wrong("is to be two numbers", fp8, "weight_block_size", [128, Int.max]),
        Wrong("is to be two numbers", fp8, "weight_block_size", [128]),
        Wrong("is to be two numbers", fp8, "weight_block_size", [128, 4]),
        Wrong("expected [1, 1]", fp8, "weight_block_size", [128, 128]),
        Wrong("`\(matrix).weight_scale_inv` is missing", fp8) { $0.tensors.removeLast() },
        Wrong("is in FP8 and has the shape [48, 2, 48]", fp8) {
            $0.tensors[0].shape = [48, 2, 48]
        },
        Wrong("is in FP8 and has the shape [0, ", fp8) {
            $0.tensors[0].shape = [0, 1 << 40]
            $0.tensors[0].bytes = []
        },
        Wrong("_scale_inv` is in I32", fp8) { $0.tensors[1].dtype = "I32" },
        Wrong("`\(matrix).scales` is missing", awq) { $0.tensors.remove(at: 2) },
        Wrong("`\(matrix).qzeros` is missing", gptq) { $0.tensors.remove(at: 1) },
        Wrong(".scales` has the shape [48, 3], expected [3, 48]", gptq) {
            $0.tensors[2].shape = [48, 3]
        },
        Wrong(".qzeros` has the shape [18], expected [3, 6]", awq) { $0.tensors[1].shape = [18] },
        Wrong("no multiples of 8 and 32", awq) { $0.tensors[0].shape = [6, 96] },
        Wrong("is in I32 and has the shape [576]", gptq) { $0.tensors[0].shape = [576] },
        Wrong("is in F32 and has the shape", gptq) { $0.tensors[0].dtype = "F32" },
        Wrong("is in I32 and has the shape [0, ", awq) {
            $0.tensors[0].shape = [0, 1 << 62]
            $0.tensors[0].bytes = []
        },
        Wrong("names the group 3 of 3", gptq) { $0.tensors[3].bytes[8] = 3 },
        Wrong("names the group -1 of 3", gptq) {
            $0.tensors[3].bytes.replaceSubrange(0..<4, with: [255, 255, 255, 255])
        },
        Wrong("has the zero 1, and the configuration", gptq) {
            $0.tensors[1].bytes = zeros(72)
        },
    ]

    @Test(arguments: wrong)
    private func wrongFoldersAreRefusedInASentence(_ wrong: Wrong) {
        let error = #expect(throws: ModelError.self) { try open(wrong.folder) }
        let message = error?.description ?? ""
        #expect(message.contains(wrong.testDescription), "\(message)")
    }

    /// Headers that are right to safetensors, of folders that are not: opened and read to the last
    /// byte, or refused.
    @Test(arguments: [("fp8", fp8), ("gptq", gptq), ("awq", awq)])
    private func mutatedFoldersLoadOrAreRefused(_ name: String, _ folder: TinyFolder) throws {
        var random = Numbers(state: UInt64(name.utf8.count))
        var refused = 0
        for _ in 0..<120 {
            var mutated = folder
            for _ in 0..<Int.random(in: 1...3, using: &random) { mutated.mutate(&random) }
            do {
                _ = try open(mutated)
            } catch {
                #expect("\(error)".utf8.count < 2000)
                refused += 1
            }
        }
        print("\(name): \(refused) of 120 refused")
        #expect((20...119).contains(refused))
    }
}

extension TinyFolder {
    /// Another shape, type, name or byte of a tensor, or another number of the configuration.
    fileprivate mutating func mutate(_ random: inout Numbers) {
        let index = Int.random(in: 0..<max(tensors.count, 1), using: &random)
        guard tensors.indices.contains(index) else { return }
        switch Int.random(in: 0..<8, using: &random) {
        case 0: tensors[index].shape.reverse()
        case 1:
            let width = ["F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1, "U8": 1]
            let same = width.filter { $0.value == width[tensors[index].dtype] }
            tensors[index].dtype = same.keys.sorted().randomElement(using: &random) ?? "U8"
        case 2:
            tensors[index].shape = [0, [1, 1 << 30, 1 << 62].randomElement(using: &random) ?? 0]
            tensors[index].bytes = []
        case 3: tensors[index].shape = [tensors[index].shape.reduce(1, *)]
        case 4: tensors[index].shape.append(1)
        case 5: tensors.remove(at: index)
        case 6:
            guard !tensors[index].bytes.isEmpty else { return }
            let place = Int.random(in: tensors[index].bytes.indices, using: &random)
            tensors[index].bytes[place] = UInt8.random(in: 0...255, using: &random)
        default:
            let number =
                [0, -1, 1, 8, 32, 64, 96, 1 << 20, Int.max, Int.min]
                .randomElement(using: &random) ?? 0
            let key = quantization.keys.sorted().randomElement(using: &random) ?? "bits"
            let isList = quantization[key] is [Int]
            quantization[key] = isList ? [number, 64] : number
        }
    }
}

/// Steele, Lea and Flood's generator.
private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
