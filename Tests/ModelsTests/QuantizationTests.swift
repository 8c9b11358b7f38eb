import Checkpoints
import Foundation
import Models
import Testing

/// What `make_quantize_golden.py` wrote.
private struct Golden: Decodable {
    struct FP8: Decodable {
        let scales: [Float]
        let bits: Data
    }
    /// Blocks of 256 numbers.
    let values: Data
    let q8_0: Data
    /// Of each block, the root of the mean squared error.
    let errors: [String: [Double]]
    let fp8: FP8

    static func load(file: String = #filePath) throws -> Golden {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        let url = folder.appendingPathComponent("Goldens/quantize.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }

    var numbers: [Float] { elements(of: values) }
}

/// Little-endian elements.
private func elements<T: BitwiseCopyable>(of data: Data) -> [T] {
    stride(from: 0, to: data.count, by: MemoryLayout<T>.size).map { start in
        data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: T.self) }
    }
}

struct QuantizationTests {
    private func quantized(_ numbers: [Float], to type: DataType) -> [UInt8] {
        let count = numbers.count / type.blockSize * type.blockByteCount
        var bytes = [UInt8](repeating: 0xAA, count: count)
        var span = bytes.mutableSpan
        var target = span.mutableBytes
        type.quantize(numbers.span.bytes, into: &target, at: 0)
        return bytes
    }

    @Test func q8_0IsThatOfThePythonPackageToTheBit() throws {
        let golden = try Golden.load()
        let found = quantized(golden.numbers, to: .q8_0)
        #expect(found.count == golden.q8_0.count && found.count > 4000)
        let wrong = zip(found, golden.q8_0).enumerated().filter { $1.0 != $1.1 }
        #expect(wrong.isEmpty, "\(wrong.count) bytes differ, first \(wrong.first as Any)")
    }

    /// In no block, of usual numbers or of unusual ones, is more lost than 5 % above what the
    /// description of the format's quantiser loses in double precision.
    @Test(arguments: [DataType.q4_K, .q6_K])
    func kFormatsLoseNoMoreThanTheReference(_ type: DataType) throws {
        let golden = try Golden.load()
        let numbers = golden.numbers
        let expected = try #require(golden.errors["\(type)"])
        #expect(expected.count * 256 == numbers.count)
        var back: [Float] = []
        try type.dequantize(quantized(numbers, to: type).span.bytes, into: &back)
        var worst = 0.0
        for (block, reference) in expected.enumerated() {
            let range = 256 * block..<256 * (block + 1)
            let squares = range.reduce(0.0) { $0 + pow(Double(numbers[$1]) - Double(back[$1]), 2) }
            let error = (squares / 256).squareRoot()
            // A scale is a half.
            let rounding = Double(range.map { abs(numbers[$0]) }.max() ?? 0) / 2048
            #expect(
                error <= 1.05 * reference + rounding,
                "block \(block): \(error), not \(reference)"
            )
            if reference > 0 { worst = max(worst, error / reference) }
        }
        print("\(type): at most \(worst) of the reference's error")
    }

    @Test func numbersThatAreNoneEndNothing() {
        var numbers = [Float](repeating: 1, count: 256)
        for (index, odd) in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude]
            .enumerated()
        {
            numbers[index * 64] = odd
            for type in [DataType.q8_0, .q4_K, .q6_K] { _ = quantized(numbers, to: type) }
        }
    }

    @Test func halvesAreWidenedToTheBit() {
        let halves = (0...UInt16.max).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        var values: [Float] = []
        for (type, exact) in [
            (DataType.f16, { Float(Float16(bitPattern: $0)) }),
            (.bf16, { Float(bitPattern: UInt32($0) << 16) }),
        ] as [(DataType, (UInt16) -> Float)] {
            type.widen(halves.span.bytes, into: &values)
            #expect(values.count == 65_536)
            let wrong = (0...UInt16.max).filter { code in
                let (found, expected) = (values[Int(code)], exact(code))
                return found.bitPattern != expected.bitPattern
                    && !(found.isNaN && expected.isNaN)
            }
            #expect(wrong.isEmpty, "\(type): \(wrong.count), first \(wrong.first as Any)")
        }
    }

    /// Every code of FP8 by every scale, as torch has it.
    @Test func fp8IsUnpackedAsByTorch() throws {
        let golden = try Golden.load().fp8
        let expected: [UInt16] = elements(of: golden.bits)
        try withTemporaryFolder { path in
            let count = golden.scales.count
            let codes = (0..<count).flatMap { _ in (0...255).map { UInt8($0) } }
            try TinyFolder(
                quantization: ["quant_method": "fp8"],
                tensors: [
                    .init("model.layers.0.mlp.up_proj.weight", "F8_E4M3", [count, 256], codes),
                    .init(
                        "model.layers.0.mlp.up_proj.weight_scale_inv",
                        "F32",
                        [count, 1],
                        golden.scales.flatMap { DataType.f32.bytes(of: $0) }
                    ),
                ]
            ).write(path)
            let folder = try HubFolder(path: path)
            let matrix = try #require(folder.tensor(named: "blk.0.ffn_up.weight"))
            #expect(matrix.dataType == .bf16 && matrix.shape == [count, 256])
            let found = folder.withBytes(of: matrix) { bytes in
                (0..<matrix.elementCount).map {
                    bytes.unsafeLoad(fromByteOffset: 2 * $0, as: UInt16.self)
                }
            }
            for (index, (found, expected)) in zip(found, expected).enumerated() {
                let areNone = [found, expected].allSatisfy { $0 & 0x7FFF > 0x7F80 }
                #expect(found == expected || areNone, "\(index): \(found), not \(expected)")
            }
        }
    }
}
