import Inference
import Kernels
import Scheduling
import Testing

/// Rules for the logits, on the real model: steps overlap, so that the newest token is never known
/// to the host when the next one's logits are edited.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct RulesTests {
    private static let prompt = sampleRequest(0, promptLength: 12).promptTokens

    private func request(
        _ rules: LogitRules,
        maxTokens: Int = 24,
        sampling: SamplingParameters = .greedy
    ) -> GenerationRequest {
        GenerationRequest(
            promptTokens: Self.prompt,
            sampling: sampling,
            rules: rules,
            stopping: StopConditions(maxTokens: maxTokens)
        )
    }

    /// The repetition penalty looks at prompt and output alike: each token is what a request for
    /// one token gives whose prompt is all that came before. There nothing is pending.
    @Test(arguments: KernelFamily.allCases)
    func theRepetitionPenaltyIsThatOfAPromptOfAllBefore(_ family: KernelFamily) async throws {
        let engine = try await TestModel.start(kernelFamily: family)
        let rules = LogitRules(repetitionPenalty: 1.4)
        // The GPU family is slow on CPU drivers.
        let count = family == .gpu ? 4 : 16
        let tokens = try await engine.run(request(rules, maxTokens: count)).only
        var single = request(rules, maxTokens: 1)
        for (index, token) in tokens.enumerated() {
            single.promptTokens = Self.prompt + tokens[..<index]
            #expect(try await engine.run(single).only == [token], "token \(index)")
        }
        let plain = try await engine.run(request(LogitRules(), maxTokens: count)).only
        #expect(family == .gpu || tokens != plain)
        await engine.shutDown(grace: .zero)
    }

    /// Penalties on the output, against counts made here from the raw logprobs.
    @Test func outputPenaltiesAreThoseOfTheOutputsCounts() async throws {
        let engine = try await TestModel.start()
        let rules = LogitRules(presencePenalty: 0.4, frequencyPenalty: 0.7)
        var asked = request(rules, maxTokens: 40)
        asked.logprobCount = 20
        let result = try await engine.run(asked)
        var counts: [TokenID: Int] = [:]
        var decided = 0
        for (token, logprobs) in zip(result.only, try #require(result.logprobs[0])) {
            func penalised(_ entry: TokenLogprob) -> Float {
                let count = counts[entry.token] ?? 0
                return entry.logprob - 0.7 * Float(count) - (count > 0 ? 0.4 : 0)
            }
            let ranked = logprobs.top.sorted { penalised($0) > penalised($1) }
            let margin = penalised(ranked[0]) - penalised(ranked[1])
            // The tokens past the twentieth have no higher raw logprob than it.
            if penalised(ranked[0]) > logprobs.top[19].logprob, margin > 1e-3 {
                #expect(token == ranked[0].token)
                decided += 1
            }
            counts[token, default: 0] += 1
        }
        #expect(decided > 20)
        let plain = try await engine.run(request(LogitRules(), maxTokens: 40)).only
        #expect(Set(result.only).count > Set(plain).count)
        await engine.shutDown(grace: .zero)
    }

    @Test func aBiasForcesAMaskConfinesAndABannedRunNeverComes() async throws {
        let engine = try await TestModel.start()
        let forced = try await engine.run(request(LogitRules(bias: [777: 100]), maxTokens: 5))
        #expect(forced.only == Array(repeating: 777, count: 5))

        let allowed: [TokenID] = [260, 28, 33, 282, 41_000]
        let sampling = SamplingParameters(temperature: 1.5, seed: 3)
        let confined = try await engine.run(
            request(LogitRules(allowedTokens: allowed), sampling: sampling)
        )
        #expect(Set(confined.only).isSubset(of: allowed) && Set(confined.only).count > 1)

        let plain = try await engine.run(request(LogitRules())).only
        for length in 1...3 {
            let run = Array(plain[4..<4 + length])
            let without = try await engine.run(request(LogitRules(bannedRuns: [run]))).only
            let windows = (0...without.count - length).map { Array(without[$0..<$0 + length]) }
            #expect(!windows.contains(run), "\(run) in \(without)")
            #expect(without.count == plain.count)
            // Up to where it would have come nothing changes.
            let windowsBefore = (0...plain.count - length).first {
                Array(plain[$0..<$0 + length]) == run
            }
            let same = (windowsBefore ?? 0) + length - 1
            #expect(without[..<same] == plain[..<same])
        }
        await engine.shutDown(grace: .zero)
    }

    /// There are places for the masks of two steps: further masks take those out of use.
    @Test func masksOutOfUseMakeRoomForOthers() async throws {
        let engine = try await TestModel.start(sequenceCount: 1, cachesPrefixes: false)
        for token: TokenID in [5, 600, 7000, 40_000, 5, 600] {
            let rules = LogitRules(allowedTokens: [token])
            let result = try await engine.run(request(rules, maxTokens: 3))
            #expect(result.only == [token, token, token])
        }
        await engine.shutDown(grace: .zero)
    }

    @Test func stopTokensWaitUntilEnoughWasSaid() async throws {
        let engine = try await TestModel.start()
        let plain = try await engine.run(request(LogitRules())).only
        var early = request(LogitRules())
        early.stopping = StopConditions(maxTokens: 24, minTokens: 10, stopTokens: [plain[3]])
        let result = try await engine.run(early).only
        #expect(!result.prefix(10).contains(plain[3]))
        #expect(result.count >= 10)
        await engine.shutDown(grace: .zero)
    }

    @Test func rulesThatLeaveNothingEndTheRequestWithAnError() async throws {
        let engine = try await TestModel.start()
        var nothing = request(LogitRules(allowedTokens: [2]))
        nothing.stopping = StopConditions(maxTokens: 4, minTokens: 2, stopTokens: [2])
        await #expect(throws: EngineError.noTokenLeft) { try await engine.run(nothing) }
        #expect(try await engine.run(request(LogitRules(), maxTokens: 3)).only.count == 3)
        await engine.shutDown(grace: .zero)
    }

    @Test func logprobsAreThoseOfTheRawLogits() async throws {
        let engine = try await TestModel.start(cachesPrefixes: false)
        var forced = request(LogitRules(bias: [777: 100]), maxTokens: 1)
        forced.logprobCount = 3
        let found = try #require(try await engine.run(forced).logprobs[0]?.first)
        var plain = request(LogitRules(), maxTokens: 1)
        plain.promptTokens.append(777)
        plain.promptLogprobCount = 3
        let expected = try #require(try await engine.run(plain).promptLogprobs.last)
        #expect(found == expected)
        #expect(found.chosen.rank > 3)
        #expect(found.top.map(\.rank) == [1, 2, 3])
        await engine.shutDown(grace: .zero)
    }

    /// In small chunks, in one piece, with steps before and after on their way.
    @Test func promptLogprobsAreTheSameInAnyChunksAndCompany() async throws {
        let whole = try await TestModel.start(cachesPrefixes: false)
        let chunked = try await TestModel.start(
            sequenceCount: 4,
            batchedTokenCount: 24,
            cachesPrefixes: false
        )
        var asked = sampleRequest(3, promptLength: 100, maxTokens: 4)
        asked.promptLogprobCount = 20
        let expected = try await whole.run(asked)
        #expect(expected.promptLogprobs.count == 99)
        for (position, logprobs) in expected.promptLogprobs.enumerated() {
            #expect(logprobs.chosen.token == asked.promptTokens[position + 1])
            #expect(logprobs.top.count == 20)
            for (better, worse) in zip(logprobs.top, logprobs.top.dropFirst()) {
                #expect((-better.logprob, better.token) < (-worse.logprob, worse.token))
            }
        }
        let (first, other) = (asked, sampleRequest(1, promptLength: 30))
        async let company = chunked.run(other)
        #expect(try await chunked.run(first) == expected)
        #expect(try await company == (try await whole.run(other)))
        await whole.shutDown(grace: .zero)
        await chunked.shutDown(grace: .zero)
    }
}

/// Requests with rules do not depend on what runs beside them, nor on being computed twice.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct RulesInCompanyTests {
    private static let lengths = [1, 16, 33, 64, 90, 5, 120, 40]

    private func requests() -> [GenerationRequest] {
        Self.lengths.enumerated().map { index, length in
            var request = sampleRequest(index, promptLength: length)
            switch index % 4 {
            case 0: request.rules = LogitRules(repetitionPenalty: 1.3, bias: [500: 3])
            case 1: request.rules = LogitRules(presencePenalty: 0.5, frequencyPenalty: 0.5)
            case 2: request.rules = LogitRules(allowedTokens: Array(100..<5000))
            default: request.rules = LogitRules(bannedRuns: [[28], [260, 300]])
            }
            request.stopping = StopConditions(maxTokens: 24, minTokens: 12, stopTokens: [30, 253])
            return request
        }
    }

    @Test func theyAreBitEqualAloneTogetherAndPreempted() async throws {
        let alone = try await TestModel.start(cachesPrefixes: false)
        var expected: [Generated] = []
        for request in requests() { expected.append(try await alone.run(request)) }
        await alone.shutDown(grace: .zero)

        let crowded = try await TestModel.start(
            blockCount: 16,
            batchedTokenCount: 48,
            cachesPrefixes: false
        )
        for (index, result) in try await crowded.run(requests()).enumerated() {
            #expect(result == expected[index], "request \(index)")
        }
        #expect(crowded.statistics.preemptionCount > 0)
        await crowded.shutDown(grace: .zero)
    }

    @Test func eachChoiceCountsItsOwnOutput() async throws {
        let engine = try await TestModel.start(cachesPrefixes: false)
        var request = sampleRequest(7, promptLength: 37)
        request.rules = LogitRules(
            repetitionPenalty: 1.2,
            presencePenalty: 0.5,
            frequencyPenalty: 0.8,
            bannedRuns: [[28, 28]]
        )
        request.choiceCount = 4
        let together = try await engine.run(request)
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
