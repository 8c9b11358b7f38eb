import Checkpoints
import Testing

/// With `PUMICE_TEST_MODEL`: what must hold of any published model.
@Suite(.enabled(if: modelPath != nil, "PUMICE_TEST_MODEL names no GGUF file"))
struct RealModelTests {
    @Test func aPublishedModelLoadsQuickly() throws {
        let path = try #require(modelPath)
        let clock = ContinuousClock()
        let start = clock.now
        let file = try GGUFFile(path: path)
        let elapsed = clock.now - start
        #expect(elapsed < .seconds(1))
        #expect(try !file.metadata.string("general.architecture").isEmpty)
        #expect(try !file.metadata.strings("tokenizer.ggml.tokens").isEmpty)
        print("\(file.tensors.count) tensors, \(file.metadata.count) pairs: \(elapsed)")
    }

    @Test func itsWeightsAreFiniteAndNotAllZero() throws {
        let file = try GGUFFile(path: try #require(modelPath))
        for tensor in file.tensors.prefix(12) where tensor.dataType.canDequantize {
            let values = try file.floats(of: tensor)
            #expect(values.count == tensor.elementCount)
            #expect(values.allSatisfy { $0.isFinite }, "\(tensor.name)")
            #expect(values.contains { $0 != 0 }, "\(tensor.name)")
        }
    }
}
