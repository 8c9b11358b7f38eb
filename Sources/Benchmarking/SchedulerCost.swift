import Scheduling

/// What a step costs the host in the scheduler: `schedule` and `complete` for sequences that each
/// generate one token a step, one batch in flight while the next is scheduled.
public struct SchedulerCost: Sendable {
    public let sequenceCount: Int
    public let blockCount: Int
    public let cachesPrefixes: Bool
    /// Seconds of each measured step, ascending.
    public let durations: [Double]

    /// - Parameters:
    ///   - sequenceCount: how many run at once.
    ///   - blockCount: of 16 tokens each; the pool must hold all sequences to their end.
    ///   - stepCount: how many steps are measured.
    /// - Throws: `LimitsError` or `SchedulingError` if the pool is too small for that.
    public init(
        sequenceCount: Int,
        blockCount: Int,
        cachesPrefixes: Bool,
        stepCount: Int = 200
    ) throws {
        self.sequenceCount = sequenceCount
        self.blockCount = blockCount
        self.cachesPrefixes = cachesPrefixes
        let promptLength = 20
        var scheduler = try Scheduler(
            limits: Limits(
                runningSequenceCount: sequenceCount,
                batchedTokenCount: sequenceCount * promptLength,
                modelLength: 4096,
                blockCount: blockCount
            ),
            cachesPrefixes: cachesPrefixes
        )
        for number in 0..<sequenceCount {
            _ = try scheduler.add(
                SequenceRequest(
                    promptTokens: (0..<promptLength).map { TokenID(number * 100 + $0) },
                    stopping: StopConditions(maxTokens: stepCount + 2)
                )
            )
        }
        var durations: [Double] = []
        var pending: ScheduledBatch?
        let sampled = [TokenID](repeating: 9, count: sequenceCount)
        while !scheduler.isIdle {
            let start = ContinuousClock.now
            let batch = scheduler.schedule()
            if let pending {
                _ = scheduler.complete(pending, sampled: Array(sampled[..<pending.samples.count]))
            }
            let elapsed = ContinuousClock.now - start
            pending = batch.isEmpty ? nil : batch
            // Only steps of everybody's next token.
            if batch.entries.count == sequenceCount, batch.tokens.count == sequenceCount {
                durations.append(Double(elapsed.components.attoseconds) * 1e-18)
            }
        }
        self.durations = durations.sorted()
    }

    /// Seconds that a share of the steps stay within: 0.5 for the median.
    public func quantile(_ share: Double) -> Double {
        precondition(!durations.isEmpty && (0...1).contains(share), "no steps, or share \(share)")
        return durations[min(durations.count - 1, Int(share * Double(durations.count)))]
    }
}
