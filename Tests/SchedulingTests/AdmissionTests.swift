import Scheduling
import Testing

@Suite struct AdmissionTests {
    @Test func aPromptThatFillsTheModelIsRefused() throws {
        var scheduler = try Scheduler(limits: .tiny(modelLength: 16))
        #expect(throws: SchedulingError.promptTooLong(tokenCount: 16, modelLength: 16)) {
            try scheduler.add(.prompt(16))
        }
        #expect(throws: Never.self) { try scheduler.add(.prompt(15)) }
    }

    @Test func aRequestThatCouldNeverFitThePoolAloneIsRefused() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 4))
        // 9 + 9 tokens, the last of which is never computed: 5 blocks.
        #expect(throws: SchedulingError.tooLargeForPool(blocksNeeded: 5, blockCount: 4)) {
            try scheduler.add(.prompt(9, maxTokens: 9))
        }
        #expect(throws: Never.self) { try scheduler.add(.prompt(9, maxTokens: 8)) }
        #expect(scheduler.waitingCount == 1)
    }

    @Test func maxTokensCountsOnlyAsFarAsTheModelReaches() throws {
        var scheduler = try Scheduler(limits: .tiny(modelLength: 17, blocks: 4))
        #expect(throws: Never.self) { try scheduler.add(.prompt(9, maxTokens: .max)) }
    }

    @Test func moreChoicesThanMayRunAreRefused() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 3))
        #expect(throws: SchedulingError.tooManyChoices(choiceCount: 4, limit: 3)) {
            try scheduler.add(.prompt(4, choices: 4))
        }
    }

    @Test func aWaitingRequestHoldsNoBlock() throws {
        var scheduler = try Scheduler(limits: .tiny())
        _ = try scheduler.add(.prompt(10))
        #expect(scheduler.statistics.freeBlockCount == 32)
        #expect(scheduler.waitingPromptTokenCount == 10)
        #expect(!scheduler.isIdle)
    }

    @Test func blocksAreAllocatedAsTokensCome() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(.prompt(7, maxTokens: 20))
        try scheduler.step()
        #expect(scheduler[id]?.blockTable.count == 2)
        try scheduler.step()
        #expect(scheduler[id]?.blockTable.count == 2)
        try scheduler.step()
        #expect(scheduler[id]?.blockTable.count == 3)
    }

    @Test func aLongPromptIsComputedInChunks() throws {
        var scheduler = try Scheduler(limits: .tiny(batched: 16, chunk: 10))
        let long = try scheduler.add(.prompt(25))
        let short = try scheduler.add(.prompt(3, from: 1))
        let (first, outputs) = try scheduler.step()
        #expect(first.requests == [long, short])
        #expect(first.counts == [10, 3])
        #expect(first.entries.map(\.sampleRows) == [0..<0, 0..<1])
        #expect(outputs.outputs.map(\.sequence.request) == [short])
        let (second, _) = try scheduler.step()
        #expect(second.entries.map(\.firstPosition) == [10, 3])
        #expect(second.counts == [10, 1])
        let (third, _) = try scheduler.step()
        #expect(third.counts == [5, 1])
        #expect(third.samples.map(\.outputIndex) == [0, 2])
        #expect(third.samples.map(\.tokenIndex) == [4, 5])
    }

    @Test func everyRunningSequenceAdvancesInEveryStep() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 4, batched: 6, modelLength: 64))
        let long = try scheduler.add(.prompt(40))
        try scheduler.step()
        let others = try (0..<3).map { _ in try scheduler.add(.prompt(1)) }
        // The long prompt takes the whole budget, so nobody is admitted until it is computed.
        while scheduler.runningCount == 1 { try scheduler.step() }
        #expect(scheduler[long]?.outputTokenCount == 1)
        let (batch, _) = try scheduler.step()
        #expect(batch.requests == [long] + others)

        // Preempted and recomputed, it leaves a token of the budget to each of the others.
        scheduler.abortAll()
        scheduler = try Scheduler(limits: .tiny(running: 4, batched: 6), policy: .priority)
        let low = try (0..<3).map { _ in try scheduler.add(.prompt(1, maxTokens: 30, priority: 1)) }
        try scheduler.step()
        let high = try scheduler.add(.prompt(20))
        #expect(try scheduler.step().0.counts == [1, 1, 1, 3])
        let (shared, _) = try scheduler.step()
        #expect(shared.requests == [high] + low)
        #expect(shared.counts == [3, 1, 1, 1])
    }

    @Test func aStepNeverExceedsItsTokensOrSequences() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 2, batched: 5))
        for _ in 0..<4 { _ = try scheduler.add(.prompt(3, maxTokens: 2)) }
        #expect(try scheduler.step().0.counts == [3, 2])
        #expect(try scheduler.step().0.counts == [1, 1])
        #expect(scheduler.waitingCount == 2)
        #expect(scheduler.runningCount == 1)
    }

    @Test func theWatermarkKeepsBlocksForThoseWhoRun() throws {
        var scheduler = try Scheduler(
            limits: .tiny(blocks: 6, watermark: 2),
            cachesPrefixes: false
        )
        let first = try scheduler.add(.prompt(8, maxTokens: 2))
        let second = try scheduler.add(.prompt(8, from: 50, maxTokens: 2))
        // 2 blocks, and 1 for the first output; 2 of the other 3 are the watermark.
        #expect(try scheduler.step().0.requests == [first])
        try scheduler.step()
        #expect(try scheduler.step().0.requests == [second])
    }

    @Test func theWatermarkDoesNotHoldBackWhoWouldRunAlone() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 4, watermark: 4))
        let id = try scheduler.add(.prompt(14, maxTokens: 2))
        #expect(try scheduler.step().0.requests == [id])
    }

    @Test func aPromptIsAdmittedOnlyIfItFitsBesideWhatIsPromised() throws {
        var scheduler = try Scheduler(limits: .tiny(batched: 8, chunk: 4, blocks: 8))
        let first = try scheduler.add(.prompt(24, maxTokens: 2))
        let second = try scheduler.add(.prompt(12, from: 50, maxTokens: 2))
        // Of 8 blocks the first holds 1 and needs 5 more; the second would need 3.
        #expect(try scheduler.step().0.requests == [first])
        #expect(scheduler.statistics.freeBlockCount == 7)
        while scheduler[first] != nil { try scheduler.step() }
        #expect(try scheduler.step().0.requests == [second])
        #expect(scheduler.statistics.preemptionCount == 0)
    }

    @Test func nobodyOvertakesTheHeadOfTheQueue() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 8))
        let first = try scheduler.add(.prompt(20, maxTokens: 2))
        let large = try scheduler.add(.prompt(20, from: 50, maxTokens: 2))
        let small = try scheduler.add(.prompt(1, from: 90, maxTokens: 2))
        #expect(try scheduler.step().0.requests == [first])
        try scheduler.step()
        #expect(try scheduler.step().0.requests == [large, small])
    }
}
