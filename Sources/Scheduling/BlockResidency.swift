/// How long blocks of the prefix cache last, on the caller's clock. (vLLM follows a sample of them,
/// `KVCacheMetricsCollector`; two numbers a block are cheap enough to follow all.)
public struct BlockResidency: Sendable {
    /// A block that gave way to another.
    public struct Eviction: Sendable, Equatable {
        /// Seconds since it was allocated.
        public let lifetime: Double
        /// Seconds since a sequence last took it up.
        public let idle: Double
    }

    /// What has happened since the caller last took it.
    public struct Events: Sendable, Equatable {
        public var evictions: [Eviction] = []
        /// Seconds between two sequences that took up the same block, one after the other.
        public var reuseGaps: [Double] = []
    }

    /// Seconds; set by the caller before it schedules.
    package var now = 0.0
    private(set) var events = Events()
    private var allocations: [Double]
    private var accesses: [Double]

    init(blockCount: Int) {
        allocations = Array(repeating: 0, count: blockCount)
        accesses = allocations
    }

    mutating func noteAllocation(of block: BlockID) {
        allocations[block.index] = now
        accesses[block.index] = now
    }

    /// A sequence found the block in the prefix cache.
    mutating func noteHit(of block: BlockID) {
        events.reuseGaps.append(now - accesses[block.index])
        accesses[block.index] = now
    }

    mutating func noteEviction(of block: BlockID) {
        events.evictions.append(
            Eviction(
                lifetime: now - allocations[block.index],
                idle: now - accesses[block.index]
            )
        )
    }

    /// Hands out what has happened, once.
    package mutating func takeEvents() -> Events {
        defer { events = Events() }
        return events
    }
}

extension Scheduler {
    /// How long blocks lasted that were evicted or taken up again since this was last asked.
    public mutating func takeResidencyEvents() -> BlockResidency.Events {
        blocks.residency.takeEvents()
    }
}
