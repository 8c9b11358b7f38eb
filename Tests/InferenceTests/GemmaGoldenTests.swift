import Inference
import Testing

/// Gemma 3 270M in Q4_K_M, whose tensors are in five formats, against an independent
/// implementation.
@Suite(
    .serialized,
    .enabled(
        if: TestModel.gemma != nil && TestModel.hasDevice && TestModel.goldens != nil,
        "needs Gemma 3 (Scripts/fetch-model gemma-3-270m), golden figures and a Vulkan device"
    )
)
struct GemmaGoldenTests {
    @Test func nextTokenLogprobsAndGreedyContinuationsEqualTheReference() async throws {
        let engine = try await TestModel.start(
            path: TestModel.gemma,
            batchedTokenCount: 512
        )
        try await Golden.read("gemma3_270m_q4_k_m.json").check(engine)
        await engine.shutDown(grace: .zero)
    }

    @Test func perplexityIsTheReferences() async throws {
        let engine = try await TestModel.start(
            path: TestModel.gemma,
            batchedTokenCount: 512
        )
        let tokens = try PerplexityText.tokens(TestModel.gemma)
        let perplexity = try await Perplexity.of(tokens, engine, first: tokens[0])
        print("perplexity \(perplexity), reference 13.829")
        #expect(abs(perplexity / 13.829 - 1) < 0.005)
        await engine.shutDown(grace: .zero)
    }
}
