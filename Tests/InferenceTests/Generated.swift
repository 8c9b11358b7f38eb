import Inference
import Scheduling
import Testing

/// What a request brought.
struct Generated: Equatable {
    var tokens: [Int: [TokenID]] = [:]
    var logprobs: [Int: [PositionLogprobs]] = [:]
    var promptLogprobs: [PositionLogprobs] = []
    var cachedTokenCount = 0
    var reasons: [Int: FinishReason] = [:]

    /// The tokens of the only choice.
    var only: [TokenID] { tokens[0] ?? [] }
}

extension Engine {
    /// Runs a request to its end.
    func run(_ request: GenerationRequest) async throws -> Generated {
        try await Self.collect(try generate(request))
    }

    /// Runs requests beside each other. They arrive at once and in this order, so that which of
    /// them meet does not depend on when tasks start.
    func run(_ requests: [GenerationRequest]) async throws -> [Generated] {
        let streams = try requests.map { try generate($0) }
        return try await withThrowingTaskGroup(of: (Int, Generated).self) { group in
            for (index, stream) in streams.enumerated() {
                group.addTask { (index, try await Self.collect(stream)) }
            }
            var results = [Generated](repeating: Generated(), count: streams.count)
            for try await (index, result) in group { results[index] = result }
            return results
        }
    }

    private static func collect(_ stream: GenerationStream) async throws -> Generated {
        var result = Generated()
        for await event in stream {
            switch event {
            case .prompt(let cached, let logprobs):
                result.cachedTokenCount = cached
                result.promptLogprobs = logprobs
            case .token(let choice, let token):
                result.tokens[choice, default: []].append(token.id)
                if let logprobs = token.logprobs {
                    result.logprobs[choice, default: []].append(logprobs)
                }
            case .finished(let choice, let reason): result.reasons[choice] = reason
            case .embedding: break
            case .failed(let error): throw error
            }
        }
        return result
    }

    /// Waits until nothing runs or waits; the engine publishes after each step.
    func waitUntilIdle() async throws {
        for _ in 0..<500 {
            let now = statistics
            if now.runningCount == 0 && now.waitingCount == 0 && now.usedBlockCount == 0 { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        Issue.record("the engine is not idle: \(statistics)")
    }
}

/// A request for the tests: `seed` varies prompt, length and sampling.
func sampleRequest(_ seed: Int, promptLength: Int, maxTokens: Int = 24) -> GenerationRequest {
    let prompt = (0..<promptLength).map { TokenID(($0 * 7919 + seed * 104_729) % 40_000 + 17) }
    return GenerationRequest(
        promptTokens: prompt,
        sampling: seed.isMultiple(of: 2)
            ? .greedy
            : SamplingParameters(
                temperature: 0.9,
                topK: 50,
                topP: 0.95,
                minP: 0.02,
                seed: UInt64(seed)
            ),
        stopping: StopConditions(maxTokens: maxTokens),
        logprobCount: 2
    )
}
