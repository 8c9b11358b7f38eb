import Inference
import Scheduling
import Testing

/// Guesses of tokens change no token and no logprob, whatever the sampling.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct SpeculationTests {
    /// Prompts that repeat themselves, which the model then goes on doing.
    private func requests() -> [GenerationRequest] {
        (0..<6).map { seed in
            var request = sampleRequest(seed, promptLength: 9 + 4 * seed, maxTokens: 32)
            request.promptTokens += request.promptTokens + request.promptTokens.prefix(5)
            if seed == 5 { request.choiceCount = 2 }
            return request
        }
    }

    @Test func guessesChangeNothingButTheNumberOfSteps() async throws {
        let plain = try await TestModel.start(cachesPrefixes: false)
        var expected: [Generated] = []
        for request in requests() { expected.append(try await plain.run(request)) }
        let plainSteps = plain.statistics.stepCount
        #expect(plain.statistics.drafts == nil)
        await plain.shutDown(grace: .zero)

        let engine = try await TestModel.start(
            cachesPrefixes: false,
            drafting: DraftPolicy(draftTokenCount: 6, lookupLengths: 2...4)
        )
        for (request, result) in zip(requests(), expected) {
            #expect(try await engine.run(request) == result)
        }
        try await engine.waitUntilIdle()
        let statistics = engine.statistics
        let drafts = try #require(statistics.drafts)
        #expect(drafts.acceptedTokenCount > 20)
        #expect(drafts.draftTokenCount > drafts.acceptedTokenCount)
        #expect(statistics.stepCount < plainSteps)
        // Beside each other too.
        let together = try await withThrowingTaskGroup(of: (Int, Generated).self) { group in
            for (index, request) in requests().enumerated() {
                group.addTask { (index, try await engine.run(request)) }
            }
            return try await group.reduce(into: [Int: Generated]()) { $0[$1.0] = $1.1 }
        }
        for (index, result) in expected.enumerated() {
            #expect(together[index] == result, "request \(index)")
        }
        await engine.shutDown(grace: .zero)
    }

    /// What rules say of a token hangs on those before it: such requests take no guesses.
    @Test func requestsWithRulesAreNotGuessed() async throws {
        let engine = try await TestModel.start(
            cachesPrefixes: false,
            drafting: DraftPolicy(draftTokenCount: 6, lookupLengths: 2...4)
        )
        var request = requests()[0]
        request.rules.repetitionPenalty = 1.1
        _ = try await engine.run(request)
        #expect(engine.statistics.drafts == DraftStatistics())
        await engine.shutDown(grace: .zero)
    }
}
