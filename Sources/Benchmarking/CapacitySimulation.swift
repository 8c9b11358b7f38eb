public import Scheduling

/// How many requests fit into one KV budget: the real scheduler, without a device, against an
/// engine that reserves each request's greatest length up front.
///
/// Both run the same workload in the same number of tokens a step; all requests are there from the
/// start. No time is simulated: a step is a step.
public struct CapacitySimulation: Sendable {
    public var workload: Workload
    public var limits: Limits

    public init(workload: Workload, limits: Limits) {
        self.workload = workload
        self.limits = limits
    }

    /// The token that ends a sequence here.
    private static let stop: TokenID = 1

    /// Runs the workload through the scheduler: blocks as tokens come.
    /// - Throws: `LimitsError`, or `SchedulingError` for a request the pool could never hold.
    public func paged() throws -> CapacityResult {
        var scheduler = try Scheduler(limits: limits, cachesPrefixes: false)
        var outputLengths: [RequestID: Int] = [:]
        for item in workload.items {
            // As real clients do, they allow more than they get: nobody knows the length before.
            let id = try scheduler.add(
                SequenceRequest(
                    promptTokens: Array(repeating: 2, count: item.promptLength),
                    stopping: StopConditions(
                        maxTokens: limits.modelLength,
                        stopTokens: [Self.stop]
                    )
                )
            )
            outputLengths[id] = item.outputLength
        }
        var result = CapacityResult(slotCount: limits.blockCount * limits.blockSize)
        while !scheduler.isIdle {
            let batch = scheduler.schedule()
            let statistics = scheduler.statistics
            result.samples.append(
                CapacityResult.Sample(
                    runningCount: statistics.runningCount,
                    allocatedSlotCount: statistics.allocatedSlotCount,
                    usedSlotCount: statistics.usedSlotCount
                )
            )
            let sampled = batch.samples.map { sample -> TokenID in
                let length = outputLengths[sample.sequence.request] ?? 1
                return sample.outputIndex + 1 >= length ? Self.stop : 2
            }
            result.generatedTokenCount +=
                scheduler.complete(batch, sampled: sampled).outputs.count
        }
        result.preemptionCount = scheduler.statistics.preemptionCount
        return result
    }

    /// Runs the workload with `modelLength` slots held for each request from its start to its end.
    public func reserved() -> CapacityResult {
        struct Running {
            var promptLeft: Int
            var outputLeft: Int
            var tokenCount = 0
        }
        let slots = limits.blockCount * limits.blockSize
        let places = min(slots / limits.modelLength, limits.runningSequenceCount)
        precondition(places > 0, "\(slots) slots hold no request of \(limits.modelLength) tokens")
        var result = CapacityResult(slotCount: slots)
        var waiting = workload.items.reversed().map {
            Running(promptLeft: $0.promptLength, outputLeft: $0.outputLength)
        }
        var running: [Running] = []
        while !waiting.isEmpty || !running.isEmpty {
            while running.count < places, let next = waiting.popLast() { running.append(next) }
            var budget = limits.batchedTokenCount
            for index in running.indices where budget > 0 {
                let count = min(max(1, running[index].promptLeft), budget)
                budget -= count
                running[index].promptLeft -= min(count, running[index].promptLeft)
                running[index].tokenCount += count
                guard running[index].promptLeft == 0 else { continue }
                running[index].outputLeft -= 1
                result.generatedTokenCount += 1
            }
            result.samples.append(
                CapacityResult.Sample(
                    runningCount: running.count,
                    allocatedSlotCount: running.count * limits.modelLength,
                    usedSlotCount: running.reduce(0) { $0 + $1.tokenCount }
                )
            )
            running.removeAll { $0.outputLeft <= 0 }
        }
        return result
    }
}
