public import Scheduling

/// Counts of observations at or below each bound: a Prometheus histogram as a value.
public struct Histogram: Sendable, Equatable {
    /// Upper bounds, ascending; an implicit last bucket is unbounded.
    public let bounds: [Double]
    /// Observations per bucket, not cumulative; one more than `bounds`.
    public private(set) var counts: [Int]
    public private(set) var sum: Double = 0

    public init(bounds: [Double]) {
        self.bounds = bounds
        self.counts = Array(repeating: 0, count: bounds.count + 1)
    }

    public var count: Int { counts.reduce(0, +) }

    public mutating func observe(_ value: Double) {
        counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
        sum += value
    }
}

/// One step's size and times.
public struct StepTiming: Sendable, Equatable {
    /// Tokens it computed, and sequences they belong to.
    public var tokenCount: Int
    public var sequenceCount: Int
    /// What the host took to schedule it; this hides behind the step before.
    public var scheduleSeconds: Double
    /// What the device took, of several all together; nil where one has no timestamps.
    public var deviceSeconds: Double?
}

/// The engine as of its last step: the single source for metrics and logs. Counters only grow.
public struct EngineStatistics: Sendable, Equatable {
    // Gauges.
    public var runningCount = 0
    public var waitingCount = 0
    /// Prompt tokens of waiting requests.
    public var waitingTokenCount = 0
    public var blockCount = 0
    /// Blocks that hold nothing worth keeping.
    public var freeBlockCount = 0
    /// Blocks no sequence uses, kept for the prefix cache.
    public var cachedBlockCount = 0
    /// Blocks some sequence uses.
    public var usedBlockCount = 0
    /// Of the slots in used blocks, the share that holds no token, 0 to 1.
    public var wasteRatio = 0.0
    /// What each running sequence holds, first to run first.
    public var running: [Scheduler.SequenceUsage] = []
    /// What a step, the queue and the pool may hold; nil before the engine runs.
    public var budget: Limits?
    /// The last step that was completed.
    public var lastStep: StepTiming?

    // Counters.
    public var stepCount = 0
    /// Seconds the device worked on steps, by its own clock; 0 where it has no timestamps. This and
    /// the next are of several devices the sums.
    public var deviceBusySeconds = 0.0
    /// Seconds it did nothing between two steps although there were requests.
    public var deviceIdleSeconds = 0.0
    public var preemptionCount = 0
    public var promptTokenCount = 0
    /// Of those, the ones found in the prefix cache.
    public var cachedPromptTokenCount = 0
    public var generatedTokenCount = 0
    /// Of these, those that a constraint left no choice about and no step drew.
    public var forcedTokenCount = 0
    public var prefixCacheQueryTokenCount = 0
    public var prefixCacheHitTokenCount = 0
    /// How guesses of tokens fared; nil if none are made.
    public var drafts: DraftStatistics?
    /// Which adapters requests have; nil if there is no room for any.
    public var adapters: AdapterStatistics?
    public var admittedCount = 0
    public var rejectedQueueFullCount = 0
    public var rejectedTokenBacklogCount = 0
    public var finishedStopCount = 0
    public var finishedLengthCount = 0
    public var finishedAbortCount = 0
    public var finishedErrorCount = 0
    /// Requests that ended because their logits were not numbers.
    public var corruptedCount = 0

    // Histograms, with vLLM's buckets; seconds or tokens.
    public var timeToFirstToken = Histogram(bounds: Buckets.timeToFirstToken)
    public var interTokenLatency = Histogram(bounds: Buckets.interTokenLatency)
    public var timePerOutputToken = Histogram(bounds: Buckets.interTokenLatency)
    public var endToEndLatency = Histogram(bounds: Buckets.requestLatency)
    public var queueTime = Histogram(bounds: Buckets.requestLatency)
    public var inferenceTime = Histogram(bounds: Buckets.requestLatency)
    public var prefillTime = Histogram(bounds: Buckets.requestLatency)
    public var decodeTime = Histogram(bounds: Buckets.requestLatency)
    public var iterationTokens = Histogram(bounds: Buckets.iterationTokens)
    public var stepDeviceTime = Histogram(bounds: Buckets.stepTime)
    public var stepScheduleTime = Histogram(bounds: Buckets.scheduleTime)
    /// Blocks that were evicted from the prefix cache: their age, and the time without any use.
    public var blockLifetime = Histogram(bounds: Buckets.blockResidency)
    public var blockIdleTime = Histogram(bounds: Buckets.blockResidency)
    /// Between two uses of a block by requests that begin alike.
    public var blockReuseGap = Histogram(bounds: Buckets.blockResidency)
    public var preemptionsOfRequest = Histogram(bounds: [1, 2, 3, 4, 5, 10, 20])
    public var promptLength: Histogram
    /// Prompt tokens that were not found in the prefix cache.
    public var computedPromptLength: Histogram
    public var generationLength: Histogram
    /// Of a request's choices, the longest.
    public var longestChoiceLength: Histogram
    public var maxTokensParameter: Histogram
    public var choiceCountParameter = Histogram(bounds: [1, 2, 5, 10, 20])

    /// Of the device's time while there were requests, the share in which it did nothing.
    public var deviceIdleShare: Double {
        let total = deviceBusySeconds + deviceIdleSeconds
        return total == 0 ? 0 : deviceIdleSeconds / total
    }

    /// The share in use of what is scarcest, places for sequences or KV blocks; 0 to 1.
    public var saturation: Double {
        let places = budget.map { Double(runningCount) / Double($0.runningSequenceCount) } ?? 0
        let blocks = blockCount == 0 ? 0 : Double(usedBlockCount) / Double(blockCount)
        return max(places, blocks)
    }

    public init(maxModelLength: Int) {
        let tokens = Buckets.oneTwoFive(upTo: maxModelLength)
        promptLength = Histogram(bounds: tokens)
        computedPromptLength = Histogram(bounds: tokens)
        generationLength = Histogram(bounds: tokens)
        longestChoiceLength = Histogram(bounds: tokens)
        maxTokensParameter = Histogram(bounds: tokens)
    }
}

/// The bucket bounds vLLM uses, so that its dashboards read our metrics.
public enum Buckets {
    public static let timeToFirstToken: [Double] = [
        0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20,
        40, 80, 160, 640, 2560,
    ]
    public static let interTokenLatency: [Double] = [
        0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40,
        80,
    ]
    public static let requestLatency: [Double] = [
        0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920,
        7680,
    ]
    public static let blockResidency: [Double] = [
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300,
        600, 1200, 1800,
    ]
    public static let iterationTokens: [Double] = [
        1, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384,
    ]

    /// Steps on a device, from one token on a large GPU to a prompt on a CPU driver; not vLLM's.
    public static let stepTime: [Double] = [
        0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
    ]
    /// What the host takes for a step.
    public static let scheduleTime: [Double] = [
        0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.1,
    ]

    /// 1, 2, 5, 10, 20, 50, ... up to `limit`.
    public static func oneTwoFive(upTo limit: Int) -> [Double] {
        var bounds: [Double] = []
        var decade = 1
        while true {
            for factor in [1, 2, 5] {
                guard factor * decade <= limit else { return bounds }
                bounds.append(Double(factor * decade))
            }
            decade *= 10
        }
    }
}
