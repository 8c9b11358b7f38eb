import Inference
import Kernels
import Scheduling
import Testing

/// The demo model against an independent implementation.
@Suite(.serialized, .enabled(if: TestModel.isThere && TestModel.goldens != nil, TestModel.why))
struct GoldenTests {
    @Test func nextTokenLogprobsAndGreedyContinuationsEqualTheReference() async throws {
        let engine = try await TestModel.start(path: TestModel.path, batchedTokenCount: 512)
        try await Golden.read("smollm2_q4_1.json").check(engine)
        await engine.shutDown(grace: .zero)
    }

    @Test func perplexityIsTheReferencesAndACacheOfEightBitsKeepsIt() async throws {
        let halves = try await perplexity(.f16)
        let bytes = try await perplexity(.q8_0)
        print("perplexity \(halves), with a KV cache of 8 bits \(bytes), reference 18.3001")
        #expect(abs(halves / 18.3001 - 1) < 0.005)
        #expect(abs(bytes / halves - 1) < 0.01)
        #expect(bytes != halves)
    }

    private func perplexity(_ format: KVFormat) async throws -> Double {
        let engine = try await TestModel.start(
            path: TestModel.path,
            batchedTokenCount: 512,
            kvFormat: format
        )
        let tokens = try PerplexityText.tokens(TestModel.path)
        let perplexity = try await Perplexity.of(tokens, engine)
        await engine.shutDown(grace: .zero)
        return perplexity
    }
}
