/// What a way of giving out KV memory made of a workload.
public struct CapacityResult: Sendable, Equatable {
    /// The cache after one step.
    public struct Sample: Sendable, Equatable {
        /// Requests that hold memory.
        public var runningCount: Int
        /// Slots that are held.
        public var allocatedSlotCount: Int
        /// Those of them that hold a token.
        public var usedSlotCount: Int
    }

    /// One for each step.
    public var samples: [Sample] = []
    public var preemptionCount = 0
    /// Tokens generated, recomputed ones not counted.
    public var generatedTokenCount = 0
    /// Slots of the whole cache.
    public let slotCount: Int

    init(slotCount: Int) {
        self.slotCount = slotCount
    }

    public var stepCount: Int { samples.count }

    /// The most requests that ran at once.
    public var peakRunningCount: Int { samples.map(\.runningCount).max() ?? 0 }

    /// Steps while requests waited: the tail, where the workload runs dry, says nothing of
    /// capacity.
    private var busySamples: [Sample] {
        let half = Double(peakRunningCount) / 2
        guard let last = samples.lastIndex(where: { Double($0.runningCount) >= half }) else {
            return []
        }
        return Array(samples[...last])
    }

    /// Requests that ran at once, on average while there was enough work.
    public var meanRunningCount: Double { mean { Double($0.runningCount) } }

    /// The share of held slots that hold nothing, on average while there was enough work.
    public var wasteRatio: Double {
        let busy = busySamples
        let allocated = busy.reduce(0) { $0 + $1.allocatedSlotCount }
        let used = busy.reduce(0) { $0 + $1.usedSlotCount }
        return allocated == 0 ? 0 : 1 - Double(used) / Double(allocated)
    }

    /// The share of the whole cache that holds tokens, on average while there was enough work.
    public var utilization: Double { mean { Double($0.usedSlotCount) / Double(slotCount) } }

    /// Tokens generated in a step, over the whole run.
    public var tokensPerStep: Double {
        stepCount == 0 ? 0 : Double(generatedTokenCount) / Double(stepCount)
    }

    private func mean(_ value: (Sample) -> Double) -> Double {
        let busy = busySamples
        return busy.isEmpty ? 0 : busy.reduce(0) { $0 + value($1) } / Double(busy.count)
    }
}
