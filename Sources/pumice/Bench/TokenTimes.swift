import Inference
import Scheduling

extension Engine {
    /// A token of a prompt that means nothing; prompts of different numbers have no prefix in
    /// common.
    func meaninglessToken(_ index: Int, prompt number: Int) -> TokenID {
        TokenID((index * 7919 + number * 104_729 + 17) % properties.vocabularySize)
    }

    /// Runs a greedy request of `count` tokens on a meaningless prompt.
    /// - Returns: when each token came, until the last or until the task is cancelled.
    /// - Throws: what ended the request.
    func tokenTimes(
        prompt number: Int,
        promptLength: Int,
        count: Int
    ) async throws -> [ContinuousClock.Instant] {
        let request = GenerationRequest(
            promptTokens: (0..<promptLength).map { meaninglessToken($0, prompt: number) },
            sampling: .greedy,
            stopping: StopConditions(maxTokens: count)
        )
        var times: [ContinuousClock.Instant] = []
        for await event in try generate(request) {
            if case .token = event { times.append(.now) }
            if case .failed(let error) = event { throw error }
        }
        return times
    }
}
