import Checkpoints
import Foundation
import Testing

/// What `make_dequantize_golden.py` wrote.
private struct Golden: Decodable {
    struct Format: Decodable {
        let bytes: Data
        let values: Data
    }
    let seed: Int
    let formats: [String: Format]

    static func load(file: String = #filePath) throws -> Golden {
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        let url = folder.appendingPathComponent("Goldens/dequantize.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
    }
}

@Suite struct DequantizeTests {
    /// The types of GGUF; `SafetensorsFileTests` has the others.
    static let types = DataType.allCases.filter { $0.canDequantize && $0 != .f8_e4m3 }

    @Test(arguments: types)
    func everyFormatAgreesBitByBitWithThePythonPackage(type: DataType) throws {
        let golden = try #require(try Golden.load().formats[type.description])
        let expected = stride(from: 0, to: golden.values.count, by: 4).map { start in
            golden.values[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        var values: [Float] = [1, 2, 3]
        try type.dequantize([UInt8](golden.bytes).span.bytes, into: &values)
        #expect(values.count == expected.count)
        #expect(values.count * type.blockByteCount == golden.bytes.count * type.blockSize)
        let wrong = zip(values, expected).enumerated().filter { $1.0.bitPattern != $1.1 }
        #expect(wrong.isEmpty, "\(type): \(wrong.count) differ, first \(wrong.first as Any)")
    }

    @Test func theGoldenHasNoFormatThatIsNotChecked() throws {
        let checked = Self.types.map(\.description)
        #expect(Set(try Golden.load().formats.keys) == Set(checked))
    }

    @Test func aFormatWithoutAReferenceIsRefusedByName() {
        var values: [Float] = []
        let error = #expect(throws: DequantizationError.self) {
            try DataType.iq2_xxs.dequantize(
                [UInt8](repeating: 0, count: 66).span.bytes,
                into: &values
            )
        }
        #expect(error == .unsupported(.iq2_xxs))
        #expect(error?.description.contains("IQ2_XXS") == true)
    }

    @Test func aPartOfABlockIsRefused() {
        var values: [Float] = []
        #expect(throws: DequantizationError.partialBlock(.q4_K, byteCount: 145)) {
            try DataType.q4_K.dequantize(
                [UInt8](repeating: 0, count: 145).span.bytes,
                into: &values
            )
        }
    }

    @Test func noBytesAreNoElements() throws {
        var values: [Float] = [1]
        try DataType.q6_K.dequantize([UInt8]().span.bytes, into: &values)
        #expect(values.isEmpty)
    }
}
