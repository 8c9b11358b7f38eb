import Scheduling
import Testing

@Suite struct StatisticsTests {
    @Test func theCountsAddUp() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 2))
        _ = try scheduler.add(.prompt(8, maxTokens: 1))
        try scheduler.step()
        _ = try scheduler.add(.prompt(6, from: 300))
        _ = try scheduler.add(.prompt(5, from: 400))
        _ = try scheduler.add(.prompt(9, from: 500))
        try scheduler.step()
        let statistics = scheduler.statistics
        #expect(statistics.runningCount == 2)
        #expect(statistics.waitingCount == 1)
        #expect(statistics.waitingPromptTokenCount == 9)
        #expect(statistics.cachedBlockCount == 2)
        #expect(statistics.usedBlockCount == 4)
        #expect(statistics.freeBlockCount == 26)
        #expect(statistics.blockCount == 32)
        #expect(statistics.allocatedSlotCount == 16)
        #expect(statistics.usedSlotCount == 11)
        #expect(statistics.wasteRatio == 5.0 / 16)
    }

    @Test func nothingIsWastedWhenNothingRuns() throws {
        #expect(try Scheduler(limits: .tiny()).statistics.wasteRatio == 0)
    }

    @Test func aSequenceWastesLessThanABlock() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(.prompt(3, maxTokens: 30))
        while scheduler[id] != nil {
            try scheduler.step()
            let statistics = scheduler.statistics
            #expect(statistics.allocatedSlotCount - statistics.usedSlotCount < 4)
        }
    }
}
