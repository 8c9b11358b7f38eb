import Inference
import Kernels
import Scheduling
import Testing

/// A request's tokens and logprobs do not depend on what runs beside it.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct CompanyTests {
    private static let lengths = [1, 5, 15, 16, 17, 31, 33, 48, 63, 64, 65, 90, 120, 3, 200, 40]

    private func requests() -> [GenerationRequest] {
        Self.lengths.enumerated().map { sampleRequest($0.offset, promptLength: $0.element) }
    }

    /// Each request's result in an engine it has to itself.
    private func alone(_ format: KVFormat = .f16) async throws -> [Generated] {
        let engine = try await TestModel.start(cachesPrefixes: false, kvFormat: format)
        var results: [Generated] = []
        for request in requests() { results.append(try await engine.run(request)) }
        await engine.shutDown(grace: .zero)
        return results
    }

    private func together(_ engine: Engine, order: [Int]) async throws -> [Int: Generated] {
        let requests = requests()
        let results = try await engine.run(order.map { requests[$0] })
        return Dictionary(uniqueKeysWithValues: zip(order, results))
    }

    @Test(arguments: KVFormat.allCases)
    func tokensAndLogprobsAreBitEqualInAnyCompany(_ format: KVFormat) async throws {
        let expected = try await alone(format)
        // Small chunks, so that prompts mix with single tokens.
        let engine = try await TestModel.start(
            batchedTokenCount: 48,
            cachesPrefixes: false,
            kvFormat: format
        )
        var generator = SplitMix(seed: 20_261_123)
        for _ in 0..<2 {
            let order = Self.lengths.indices.shuffled(using: &generator)
            let results = try await together(engine, order: order)
            for index in order {
                #expect(results[index] == expected[index], "request \(index) in \(order)")
            }
        }
        await engine.shutDown(grace: .zero)
    }

    /// The kernels made for devices, with `--batch-invariant`, which is no matter of course there.
    /// Four layers have all of them; CPU drivers take seconds for the step of thirty.
    @Test func theGPUFamilyIsBitEqualInAnyCompanyToo() async throws {
        let lengths = [17, 1, 33, 5]
        let requests = lengths.enumerated().map { index, length in
            var request = sampleRequest(index, promptLength: length)
            request.stopping = StopConditions(maxTokens: 6)
            return request
        }
        let model = try ShortenedModel(of: try #require(TestModel.path), layerCount: 4)
        defer { model.remove() }
        let engine = try await TestModel.start(
            path: model.path,
            batchedTokenCount: 24,
            cachesPrefixes: false,
            kernelFamily: .gpu
        )
        #expect(engine.properties.isBatchInvariant)
        var expected: [Generated] = []
        for request in requests { expected.append(try await engine.run(request)) }
        try await withThrowingTaskGroup(of: (Int, Generated).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await engine.run(request)) }
            }
            for try await (index, result) in group {
                #expect(result == expected[index], "request \(index)")
            }
        }
        await engine.shutDown(grace: .zero)
    }

    @Test func preemptionChangesNothingAndLeavesEveryBlockFree() async throws {
        let expected = try await alone()
        // The longest request alone needs 14 blocks of 16.
        let engine = try await TestModel.start(blockCount: 20, cachesPrefixes: false)
        let results = try await together(engine, order: Array(Self.lengths.indices))
        for (index, result) in expected.enumerated() {
            #expect(results[index] == result, "request \(index)")
        }
        try await engine.waitUntilIdle()
        let statistics = engine.statistics
        #expect(statistics.preemptionCount > 0)
        #expect(statistics.freeBlockCount == 20)
        await engine.shutDown(grace: .zero)
    }

    @Test func cachedPrefixesChangeNothingAndAreCounted() async throws {
        let engine = try await TestModel.start()
        let request = sampleRequest(4, promptLength: 130)
        let first = try await engine.run(request)
        var second = try await engine.run(request)
        #expect(first.cachedTokenCount == 0)
        #expect(second.cachedTokenCount == 128)
        second.cachedTokenCount = 0
        #expect(first == second)
        #expect(engine.statistics.prefixCacheHitTokenCount == 128)
        var salted = request
        salted.cacheSalt = "another tenant"
        #expect(try await engine.run(salted).cachedTokenCount == 0)
        await engine.shutDown(grace: .zero)
    }

    @Test func choicesShareThePromptAndEachIsWhatItsOwnSeedGivesAlone() async throws {
        let engine = try await TestModel.start(cachesPrefixes: false)
        var request = sampleRequest(7, promptLength: 37)
        request.choiceCount = 4
        let together = try await engine.run(request)
        #expect(together.tokens.count == 4)
        #expect(Set(together.tokens.values).count > 1)
        for choice in 0..<4 {
            var single = request
            single.choiceCount = 1
            single.sampling = request.sampling.forChoice(choice)
            let alone = try await engine.run(single)
            #expect(together.tokens[choice] == alone.tokens[0], "choice \(choice)")
            #expect(together.logprobs[choice] == alone.logprobs[0], "choice \(choice)")
        }
        await engine.shutDown(grace: .zero)
    }
}

/// SplitMix64: the same numbers on every machine.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
