import Benchmarking
import Checkpoints
import Foundation
import Models
import Testing

@Suite struct SyntheticCheckpointTests {
    private static let formats = DataType.allCases.filter(\.canBeSynthetic)

    private func tiny() throws -> SyntheticShape {
        try #require(SyntheticShape.all.first { $0.name == "tiny" })
    }

    private func write(_ type: DataType, _ body: (GGUFFile) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "/synthetic-\(type)-\(UInt64.random(in: 0...(.max)))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try SyntheticCheckpoint(tiny(), type).write(to: path)
        try body(GGUFFile(path: path))
    }

    @Test(arguments: formats)
    func everyWeightIsASmallNumber(type: DataType) throws {
        try write(type) { file in
            let tensor = try #require(file.tensor(named: "blk.1.ffn_down.weight"))
            #expect(tensor.dataType == type)
            #expect(tensor.shape == [256, 768])
            let values = try file.floats(of: tensor)
            let largest = values.map(abs).max() ?? .nan
            #expect(largest < 4)
            let distinct = Set(values).count
            #expect(distinct > 10)
            let norm = try #require(file.tensor(named: "output_norm.weight"))
            #expect(try file.floats(of: norm) == [Float](repeating: 1, count: 256))
        }
    }

    @Test func theFileIsAModelOfItsShape() throws {
        try write(.bf16) { file in
            let model = try ModelConfiguration(file.metadata, vocabularySize: 4096)
            #expect(model.architecture == "llama")
            #expect(model.layerCount == 2)
            #expect(model.hiddenSize == 256)
            #expect(model.intermediateSize == 768)
            #expect(model.headCount == 4 && model.kvHeadCount == 2 && model.headSize == 64)
            #expect(model.contextLength == 2048)
            #expect(file.tensors.count == 3 + 2 * 9)
        }
    }

    @Test func theShapesHaveTheirModelsSizes() throws {
        let sizes = [("llama-8b", 8.03e9), ("llama-1b", 1.236e9), ("smol-135m", 134.5e6)]
        for (name, parameters) in sizes {
            let shape = try #require(SyntheticShape.all.first { $0.name == name })
            let bytes = try SyntheticCheckpoint(shape, .bf16).byteCount
            #expect(abs(Double(bytes) / 2 / parameters - 1) < 0.01, "\(name): \(bytes)")
        }
    }

    @Test func whatCannotBeMadeIsRefused() throws {
        let small = try #require(SyntheticShape.all.first { $0.name == "smol-135m" })
        #expect(throws: SyntheticError.unfitRow(columns: 576, format: "Q4_K")) {
            try SyntheticCheckpoint(small, .q4_K)
        }
        #expect(throws: SyntheticError.unsupportedFormat("I8")) {
            try SyntheticCheckpoint(small, .i8)
        }
    }
}
