import Foundation
import Inference
import Models
import Scheduling
import Testing

/// Guesses of a draft model change no token and no logprob, whatever the model and the sampling.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct DraftModelTests {
    /// Greedy and drawn, short and in chunks, alone and in choices.
    private func requests() -> [GenerationRequest] {
        (0..<6).map { seed in
            var request = sampleRequest(seed, promptLength: 7 + 9 * seed, maxTokens: 20)
            if seed == 3 { request.promptLogprobCount = 1 }
            if seed == 5 { request.choiceCount = 2 }
            return request
        }
    }

    private func start(_ draft: String, _ count: Int = 4, blocks: Int = 512) async throws -> Engine
    {
        try await TestModel.start(
            blockCount: blocks,
            batchedTokenCount: 32,
            drafting: .model(draftTokenCount: count),
            draftModel: draft
        )
    }

    /// Runs requests beside each other as tasks get to them, one after the other: guesses are made
    /// while at most half of the places are taken.
    private func run(_ requests: [GenerationRequest], on engine: Engine) async throws
        -> [Int: Generated]
    {
        try await withThrowingTaskGroup(of: (Int, Generated).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await engine.run(request)) }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// Its own draft model is always right, drawn tokens included; the prefix cache, choices and
    /// preemption would show where the two KV caches differ.
    @Test func aModelGuessesItsOwnTokensRight() async throws {
        let plain = try await TestModel.start(batchedTokenCount: 32)
        var expected: [Generated] = []
        for request in requests() { expected.append(try await plain.run(request)) }
        try await plain.waitUntilIdle()
        let plainSteps = plain.statistics.stepCount
        await plain.shutDown(grace: .zero)

        let engine = try await start(try #require(TestModel.first))
        for (request, result) in zip(requests(), expected) {
            #expect(try await engine.run(request) == result)
        }
        try await engine.waitUntilIdle()
        let alone = engine.statistics
        let drafts = try #require(alone.drafts)
        #expect(drafts.draftTokenCount > 80)
        #expect(drafts.acceptedTokenCount == drafts.draftTokenCount)
        #expect(alone.stepCount < plainSteps * 2 / 3)
        let together = try await engine.run(requests())
        for (index, result) in expected.enumerated() {
            #expect(together[index].tokens == result.tokens, "request \(index)")
            #expect(together[index].logprobs == result.logprobs, "request \(index)")
        }
        try await engine.waitUntilIdle()
        let all = try #require(engine.statistics.drafts)
        #expect(all.acceptedTokenCount == all.draftTokenCount)
        #expect(engine.statistics.prefixCacheHitTokenCount > 0)
        await engine.shutDown(grace: .zero)
    }

    /// Wrong at every place: each step gives one token, and it is the model's own.
    @Test func wrongGuessesChangeNothing() async throws {
        let path = try #require(TestModel.first)
        let wrong = try ShortenedModel(of: path, layerCount: 1, isNegated: true)
        defer { wrong.remove() }
        let plain = try await TestModel.start(batchedTokenCount: 32)
        let expected = try await plain.run(requests())
        await plain.shutDown(grace: .zero)
        // Few blocks, so that sequences are preempted too.
        let engine = try await start(wrong.path, blocks: 14)
        let results = try await engine.run(requests())
        for index in requests().indices {
            #expect(results[index].tokens == expected[index].tokens, "request \(index)")
        }
        try await engine.waitUntilIdle()
        let drafts = try #require(engine.statistics.drafts)
        #expect(drafts.draftTokenCount > 20)
        #expect(drafts.acceptedTokenCount == 0)
        #expect(engine.statistics.preemptionCount > 0)
        await engine.shutDown(grace: .zero)
    }

    /// Three tokens drawn one after the other, of which the last is drawn after a guess of the
    /// second where that was right, are distributed as the model says, although the draft model
    /// says something else: Pearson's test, at one in a thousand.
    @Test func drawnTokensHaveTheModelsDistribution() async throws {
        let short = try ShortenedModel(
            of: try #require(TestModel.first),
            layerCount: TestModel.firstLayerCount - 1
        )
        defer { short.remove() }
        let plain = try await TestModel.start()
        let prompt = sampleRequest(0, promptLength: 12).promptTokens
        let expected = try await distribution(ofNext: 3, after: prompt, on: plain)
        await plain.shutDown(grace: .zero)

        let engine = try await TestModel.start(
            sequenceCount: 64,
            drafting: .model(draftTokenCount: 1),
            draftModel: short.path
        )
        let count = 480
        var observed: [[TokenID]: Int] = [:]
        for first in stride(from: 0, to: count, by: 32) {
            let requests = (first..<first + 32).map { seed in
                GenerationRequest(
                    promptTokens: prompt,
                    sampling: SamplingParameters(temperature: 1, topK: 3, seed: UInt64(seed)),
                    stopping: StopConditions(maxTokens: 3)
                )
            }
            for result in try await run(requests, on: engine).values {
                observed[result.only, default: 0] += 1
            }
        }
        let drafts = try #require(engine.statistics.drafts)
        await engine.shutDown(grace: .zero)
        // Guesses are made while at most half of the places are taken.
        #expect(drafts.draftTokenCount > count / 4)
        #expect(drafts.acceptedTokenCount > count / 32)
        #expect(drafts.acceptedTokenCount < drafts.draftTokenCount * 19 / 20)
        #expect(observed.keys.allSatisfy { expected[$0] != nil })
        let (statistic, bound) = pearson(observed, expected, count: count)
        #expect(statistic < bound)
    }

    /// What follows some tokens under top-k 3, by the engine's logprobs.
    private func distribution(
        ofNext length: Int,
        after prompt: [TokenID],
        on engine: Engine
    ) async throws -> [[TokenID]: Double] {
        guard length > 0 else { return [[]: 1] }
        let result = try await engine.run(
            GenerationRequest(
                promptTokens: prompt,
                sampling: .greedy,
                stopping: StopConditions(maxTokens: 1),
                logprobCount: 3
            )
        )
        let top = try #require(result.logprobs[0]?.first).top
        let sum = top.reduce(0) { $0 + exp(Double($1.logprob)) }
        var all: [[TokenID]: Double] = [:]
        for entry in top {
            let rest = try await distribution(
                ofNext: length - 1,
                after: prompt + [entry.token],
                on: engine
            )
            for (tokens, p) in rest {
                all[[entry.token] + tokens] = p * exp(Double(entry.logprob)) / sum
            }
        }
        return all
    }

    /// The statistic of Pearson's test, and what it exceeds once in a thousand times. What is
    /// expected fewer than five times is one class.
    private func pearson(
        _ observed: [[TokenID]: Int],
        _ expected: [[TokenID]: Double],
        count: Int
    ) -> (statistic: Double, bound: Double) {
        var classes: [(observed: Double, expected: Double)] = [(0, 0)]
        for (tokens, p) in expected {
            let mean = p * Double(count)
            let seen = Double(observed[tokens] ?? 0)
            if mean < 5 {
                classes[0].observed += seen
                classes[0].expected += mean
            } else {
                classes.append((seen, mean))
            }
        }
        let statistic = classes.filter { $0.expected > 0 }.reduce(0) {
            $0 + pow($1.observed - $1.expected, 2) / $1.expected
        }
        let freedom = Double(classes.count - 1)
        // Wilson and Hilferty's quantile.
        let spread = 2 / (9 * freedom)
        return (statistic, freedom * pow(1 - spread + 3.09 * spread.squareRoot(), 3))
    }

    @Test(.enabled(if: TestModel.gemma != nil, "needs Gemma 3"))
    func aModelWithAnotherVocabularyIsRefused() async throws {
        let path = try #require(TestModel.gemma)
        await #expect(
            throws: DraftModelError.otherVocabulary(
                file: path,
                detail: "it has 262144 tokens and the model 49152"
            )
        ) { try await start(path) }
    }

    @Test func aModelForShorterSequencesIsRefused() async throws {
        let path = try #require(TestModel.first)
        let short = try ShortenedModel(of: path, layerCount: 1, contextLength: 256)
        defer { short.remove() }
        await #expect(
            throws: DraftModelError.contextTooShort(
                file: short.path,
                contextLength: 256,
                modelLength: 2048
            )
        ) { try await start(short.path) }
    }
}
