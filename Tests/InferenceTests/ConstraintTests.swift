import Inference
import Scheduling
import Testing

/// Constrained outputs on the real model: before each token the reader says what it may be.
@Suite(.serialized, .enabled(if: TestModel.isThere, TestModel.why))
struct ConstraintTests {
    private static let vocabularySize = 49_152

    private func mask(_ tokens: [TokenID]) -> [UInt32] {
        var words = [UInt32](repeating: 0, count: Self.vocabularySize / 32)
        for token in tokens { words[Int(token / 32)] |= 1 << (token % 32) }
        return words
    }

    /// Runs a request each of whose tokens must be among `allowed(choice, index)`.
    private func run(
        _ engine: Engine,
        _ request: GenerationRequest,
        allowed: (Int, Int) -> [TokenID]
    ) async throws -> [Int: [TokenID]] {
        var request = request
        request.firstMask = mask(allowed(0, 0))
        var tokens: [Int: [TokenID]] = [:]
        let stream = try engine.generate(request)
        for await event in stream {
            switch event {
            case .token(let choice, let token):
                tokens[choice, default: []].append(token.id)
                let index = tokens[choice]?.count ?? 0
                stream.allow(
                    AllowedTokens(
                        choice: choice,
                        outputIndex: index,
                        words: mask(allowed(choice, index))
                    )
                )
            case .failed(let error): throw error
            default: break
            }
        }
        return tokens
    }

    @Test func everyTokenIsOneOfThoseAllowedAtItsPlace() async throws {
        let engine = try await TestModel.start()
        let request = sampleRequest(1, promptLength: 9, maxTokens: 12)
        let tokens = try await run(engine, request) { _, index in
            [TokenID(1_000 + index), TokenID(2_000 + 3 * index)]
        }
        let output = try #require(tokens[0])
        #expect(output.count == 12)
        for (index, token) in output.enumerated() {
            #expect(token == 1_000 + index || token == 2_000 + 3 * index)
        }
        await engine.shutDown(grace: .zero)
    }

    /// In company, over a pool too small for all, with choices that part: what is allowed to one
    /// is never used for another, and nobody's tokens depend on the others.
    @Test func constrainedAndFreeRequestsDoNotDisturbEachOther() async throws {
        // Together they want 3 x 7 + 4 blocks, and each long enough to meet the others.
        let engine = try await TestModel.start(blockCount: 14, cachesPrefixes: false)
        let free = sampleRequest(2, promptLength: 20, maxTokens: 40)
        let alone = try await engine.run(free).only
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<3 {
                group.addTask {
                    var request = sampleRequest(3, promptLength: 20, maxTokens: 40)
                    request.choiceCount = 2
                    let tokens = try await run(engine, request) { choice, index in
                        index == 0
                            ? [TokenID(500 + number)]
                            : [TokenID(1_000 * (number + 1) + 100 * choice + index)]
                    }
                    for choice in 0..<2 {
                        let expected =
                            [TokenID(500 + number)]
                            + (1..<40).map {
                                TokenID(1_000 * (number + 1) + 100 * choice + $0)
                            }
                        #expect(tokens[choice] == expected)
                    }
                }
            }
            group.addTask {
                let inCompany = try await engine.run(free).only
                #expect(inCompany == alone)
            }
            try await group.waitForAll()
        }
        #expect(engine.statistics.preemptionCount > 0)
        await engine.shutDown(grace: .zero)
    }

    /// A reader that says nothing holds up only itself, and its deadline still ends it.
    @Test func aReaderThatSaysNothingHoldsUpNobodyElse() async throws {
        let engine = try await TestModel.start()
        var silent = sampleRequest(4, promptLength: 9, maxTokens: 8)
        silent.firstMask = mask([5])
        silent.deadline = .seconds(3)
        let stream = try engine.generate(silent)
        let other = try await engine.run(sampleRequest(2, promptLength: 9, maxTokens: 8))
        #expect(other.only.count == 8)
        var events: [String] = []
        for await event in stream {
            switch event {
            case .token(_, let token): events.append("\(token.id)")
            case .failed(let error): events.append("\(error)")
            default: break
            }
        }
        #expect(events == ["5", "\(EngineError.deadlineExceeded)"])
        await engine.shutDown(grace: .zero)
    }

    @Test func nothingAllowedIsAnErrorThatSaysSo() async throws {
        let engine = try await TestModel.start()
        var request = sampleRequest(4, promptLength: 9)
        request.firstMask = mask([])
        await #expect(throws: EngineError.noTokenLeft) { try await engine.run(request) }
        await engine.shutDown(grace: .zero)
    }

    /// Tokens that are given come out like drawn ones, and what follows is what would have followed
    /// had they been drawn.
    @Test func forcedTokensAreDeliveredAndComputedLikeDrawnOnes() async throws {
        let engine = try await TestModel.start()
        var request = sampleRequest(1, promptLength: 9, maxTokens: 24)
        request.sampling = .greedy
        let script = (0..<12).map { TokenID(1_000 + 7 * $0) }
        let drawn = try await run(engine, request) { _, index in
            index < script.count ? [script[index]] : Array(0..<TokenID(Self.vocabularySize))
        }
        let steps = engine.statistics.stepCount
        request.firstMask = mask([script[0]])
        var forced: [TokenID] = []
        let stream = try engine.generate(request)
        for await event in stream {
            guard case .token(_, let token) = event else { continue }
            forced.append(token.id)
            guard forced.count == 1 || forced.count >= script.count else { continue }
            let isFirst = forced.count == 1
            stream.allow(
                AllowedTokens(
                    choice: 0,
                    forced: isFirst ? Array(script.dropFirst().dropLast()) : [],
                    outputIndex: isFirst ? script.count - 1 : forced.count,
                    words: mask(
                        isFirst
                            ? [script[script.count - 1]] : Array(0..<TokenID(Self.vocabularySize))
                    )
                )
            )
        }
        #expect(forced == drawn[0])
        #expect(forced.count == 24)
        #expect(engine.statistics.forcedTokenCount == script.count - 2)
        #expect(engine.statistics.stepCount - steps <= 24 - (script.count - 2))
        await engine.shutDown(grace: .zero)
    }

    @Test func forcedTokensBeyondTheLimitEndTheChoice() async throws {
        let engine = try await TestModel.start()
        var request = sampleRequest(1, promptLength: 9, maxTokens: 4)
        request.firstMask = mask([5])
        let stream = try engine.generate(request)
        var tokens: [TokenID] = []
        var reason: FinishReason?
        for await event in stream {
            switch event {
            case .token(_, let token):
                tokens.append(token.id)
                guard tokens.count == 1 else { continue }
                stream.allow(
                    AllowedTokens(
                        choice: 0,
                        forced: [6, 7, 8, 9, 10],
                        outputIndex: 6,
                        words: mask([11])
                    )
                )
            case .finished(_, let end): reason = end
            default: break
            }
        }
        #expect(tokens == [5, 6, 7, 8] && reason == .length)
        await engine.shutDown(grace: .zero)
    }
}
