import Foundation

/// A load: which requests, and when they are sent.
public struct Load: Sendable {
    public var items: [Workload.Item]
    /// Requests on their way at once, at most; nil for no bound.
    public var maxConcurrency: Int?
    /// Requests a second, on average; nil for all at once, as far as `maxConcurrency` lets them.
    public var requestRate: Double?
    /// Names the times of arrival.
    public var seed: UInt64

    public init(
        items: [Workload.Item],
        maxConcurrency: Int? = nil,
        requestRate: Double? = nil,
        seed: UInt64
    ) {
        precondition(
            maxConcurrency ?? 1 > 0 && requestRate ?? 1 > 0,
            "\(String(describing: maxConcurrency)) at once, \(String(describing: requestRate)) / s"
        )
        self.items = items
        self.maxConcurrency = maxConcurrency
        self.requestRate = requestRate
        self.seed = seed
    }

    /// When each request is due, in seconds: a Poisson process, whose gaps are exponential; nil
    /// without a rate.
    public var arrivals: [Double]? {
        guard let requestRate else { return nil }
        var generator = SeededGenerator(seed: seed)
        var time = 0.0
        return items.map { _ in
            defer { time += -log(1 - generator.unit()) / requestRate }
            return time
        }
    }

    /// Sends every request and waits for every end.
    /// - Parameter firstNumber: the first request's number, which names its prompt.
    /// - Returns: the outcomes in the order of their ends.
    public func run(
        _ client: LoadClient,
        _ prompts: PromptSource,
        firstNumber: Int = 0,
        progress: (Int) -> Void = { _ in }
    ) async -> [RequestOutcome] {
        let arrivals = arrivals
        let start = ContinuousClock.now
        return await withTaskGroup(of: RequestOutcome.self) { group in
            var outcomes: [RequestOutcome] = []
            func collect(_ outcome: RequestOutcome?) {
                guard let outcome else { return }
                outcomes.append(outcome)
                progress(outcomes.count)
            }
            for (index, item) in items.enumerated() {
                if let arrivals {
                    try? await Task.sleep(until: start + .seconds(arrivals[index]))
                }
                if let maxConcurrency, index - outcomes.count >= maxConcurrency {
                    collect(await group.next())
                }
                let prompt = prompts.prompt(firstNumber + index, length: item.promptLength)
                group.addTask {
                    await client.send(
                        prompt,
                        promptLength: item.promptLength,
                        maxTokens: item.outputLength,
                        start: start
                    )
                }
            }
            for await outcome in group { collect(outcome) }
            return outcomes
        }
    }
}
