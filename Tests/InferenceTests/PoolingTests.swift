import Inference
import Kernels
import Scheduling
import Testing

/// Embeddings, against each other: a token's hidden state depends on what is before it alone, so
/// the mean over a prompt is that of the last states of its beginnings.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct PoolingTests {
    private func embed(
        _ tokens: [TokenID],
        _ pooling: Pooling,
        _ engine: Engine
    ) async throws -> [Float] {
        var request = GenerationRequest(
            promptTokens: tokens,
            sampling: .greedy,
            stopping: StopConditions(maxTokens: 1)
        )
        request.pooling = pooling
        var states: [Float] = []
        for await event in try engine.generate(request) {
            if case .embedding(let pooled) = event { states = pooled }
            if case .failed(let error) = event { throw error }
        }
        return states
    }

    /// The greatest difference, against the greatest number.
    private func difference(_ a: [Float], _ b: [Float]) -> Float {
        #expect(a.count == b.count && !a.isEmpty)
        let scale = a.reduce(0) { max($0, abs($1)) }
        return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
    }

    @Test(arguments: [(KernelFamily.cpu, 19), (.gpu, 5)])
    func theMeanIsThatOfTheLastStatesOfEveryBeginning(
        _ family: KernelFamily,
        _ count: Int
    ) async throws {
        // Chunks of 4 tokens, and rows two at a time: both are crossed.
        let engine = try await TestModel.start(
            sequenceCount: 2,
            batchedTokenCount: 4,
            kernelFamily: family
        )
        let tokens = (0..<count).map { TokenID(100 + 37 * $0) }
        let mean = try await embed(tokens, .mean, engine)
        var sum = [Float](repeating: 0, count: mean.count)
        for count in 1...tokens.count {
            let last = try await embed(Array(tokens.prefix(count)), .last, engine)
            for index in sum.indices { sum[index] += last[index] }
        }
        #expect(difference(mean, sum.map { $0 / Float(tokens.count) }) < 1e-4)
        await engine.shutDown(grace: .zero)
    }

    @Test func whatRunsBesideChangesNothing() async throws {
        let engine = try await TestModel.start(sequenceCount: 8, batchedTokenCount: 32)
        let prompts = (1...6).map { number in
            (0..<7 * number).map { TokenID(50 + 13 * $0 * number) }
        }
        var alone: [[Float]] = []
        for prompt in prompts { alone.append(try await embed(prompt, .mean, engine)) }
        let chat = Task { try await engine.run(sampleRequest(3, promptLength: 40, maxTokens: 30)) }
        let together = try await withThrowingTaskGroup(of: (Int, [Float]).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask { (index, try await embed(prompt, .mean, engine)) }
            }
            var results = [[Float]](repeating: [], count: prompts.count)
            for try await (index, states) in group { results[index] = states }
            return results
        }
        _ = try await chat.value
        for (a, b) in zip(alone, together) { #expect(difference(a, b) < 1e-4) }
        #expect(difference(alone[4], alone[5]) > 0.01)
        await engine.shutDown(grace: .zero)
    }
}
