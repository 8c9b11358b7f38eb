import Checkpoints
import Foundation
import Testing

struct SafetensorsFileTests {
    @Test func namesShapesTypesAndBytesAreThoseOfTheFile() throws {
        let file = try SafetensorsFile(bytes: SafetensorsBuilder.sample.build(), path: "x")
        #expect(file.tensors.map(\.name) == ["a", "b", "s"])
        #expect(file.metadata == ["format": "pt"])
        let b = try #require(file.tensor(named: "b"))
        #expect(b.shape == [2, 3] && b.dataType == .bf16 && b.byteCount == 12)
        let bytes = file.withBytes(of: b) { span in
            (0..<span.byteCount).map { span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        #expect(bytes == Array(16..<28))
        #expect(try #require(file.tensor(named: "s")).shape == [])
        #expect(file.tensor(named: "c") == nil)
    }

    @Test func tensorsWithoutElementsAndFilesWithoutTensorsAreRead() throws {
        let empty = SafetensorsBuilder.one(
            "\"dtype\":\"F32\",\"shape\":[0,4],\"data_offsets\":[0,0]",
            byteCount: 0
        )
        let file = try SafetensorsFile(bytes: empty, path: "x")
        let tensor = try #require(file.tensor(named: "w"))
        #expect(file.withBytes(of: tensor) { $0.byteCount } == 0)
        #expect(
            try SafetensorsFile(bytes: [2, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], path: "x").tensors
                == []
        )
    }

    /// `Goldens/make_safetensors_golden.py` wrote the file with the `safetensors` package and the
    /// values with numpy.
    @Test func aFileOfTheReferenceImplementationIsReadToTheBit() throws {
        struct Golden: Decodable {
            struct Tensor: Decodable {
                let type: String
                let shape: [Int]
                let bits: [UInt32]
            }
            let file: String
            let tensors: [String: Tensor]
        }
        let url = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/safetensors.json").standardized
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        let bytes = [UInt8](try #require(Data(base64Encoded: golden.file)))
        let file = try SafetensorsFile(bytes: bytes, path: "golden")
        #expect(Set(file.tensors.map(\.name)) == Set(golden.tensors.keys))
        for (name, expected) in golden.tensors {
            let tensor = try #require(file.tensor(named: name))
            #expect(tensor.shape == expected.shape && "\(tensor.dataType)" == expected.type)
            // Not every NaN is the same one.
            for (value, bits) in zip(try file.floats(of: tensor), expected.bits) {
                let other = Float(bitPattern: bits)
                #expect(value.bitPattern == bits || (value.isNaN && other.isNaN), "\(name)")
            }
        }
    }
}
