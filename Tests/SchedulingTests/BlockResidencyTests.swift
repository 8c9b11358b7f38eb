import Scheduling
import Testing

@Suite struct BlockResidencyTests {
    /// Runs a request to its end, a step a second.
    private func run(
        _ request: SequenceRequest,
        on scheduler: inout Scheduler,
        from time: Double
    ) throws {
        _ = try scheduler.add(request)
        var now = time
        while !scheduler.isIdle {
            let batch = scheduler.schedule(at: now)
            _ = scheduler.complete(batch, sampled: batch.samples.map { _ in 3 })
            now += 1
        }
    }

    @Test func blocksThatAreFoundAgainTellTheTimeBetween() throws {
        var scheduler = try Scheduler(limits: .tiny())
        try run(.prompt(9, maxTokens: 1), on: &scheduler, from: 10)
        let first = scheduler.takeResidencyEvents()
        #expect(first.evictions.isEmpty && first.reuseGaps.isEmpty)
        try run(.prompt(9, maxTokens: 1), on: &scheduler, from: 17)
        #expect(scheduler.takeResidencyEvents().reuseGaps == [7, 7])
        try run(.prompt(9, maxTokens: 1), on: &scheduler, from: 18)
        #expect(scheduler.takeResidencyEvents().reuseGaps == [1, 1])
        #expect(scheduler.takeResidencyEvents().reuseGaps.isEmpty)
    }

    @Test func evictedBlocksTellTheirAgeAndHowLongNobodyUsedThem() throws {
        var allocator = BlockAllocator(blockCount: 2)
        let hasher = BlockHasher(key: (1, 2))
        allocator.residency.now = 1
        let blocks = [allocator.allocate(), allocator.allocate()].compactMap(\.self)
        try #require(blocks.count == 2)
        let root = hasher.root(salt: nil)
        allocator.register(blocks[0], as: hasher.hash([1, 2], after: root))
        allocator.release(blocks)
        allocator.residency.now = 4
        allocator.takeUp(blocks[0])
        allocator.release([blocks[0]])
        allocator.residency.now = 9
        // The one that holds nothing goes first, and is no loss.
        #expect(allocator.allocate() == blocks[1])
        #expect(allocator.residency.takeEvents().evictions.isEmpty)
        #expect(allocator.allocate() == blocks[0])
        let evictions = allocator.residency.takeEvents().evictions
        #expect(evictions.map(\.lifetime) == [8] && evictions.map(\.idle) == [5])
    }
}
