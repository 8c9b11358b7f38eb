import Scheduling
import Testing

@Suite struct PrefixCacheTests {
    /// Runs a request to its end.
    func run(_ request: SequenceRequest, on scheduler: inout Scheduler) throws {
        _ = try scheduler.add(request)
        while !scheduler.isIdle { try scheduler.step() }
    }

    @Test func aSecondRequestStartsAfterTheBlocksItShares() throws {
        var scheduler = try Scheduler(limits: .tiny())
        try run(.prompt(11), on: &scheduler)
        var request = SequenceRequest.prompt(11)
        request.promptTokens[9] = 1
        _ = try scheduler.add(request)
        let (batch, completed) = try scheduler.step()
        #expect(batch.entries.map(\.firstPosition) == [8])
        #expect(batch.counts == [3])
        #expect(completed.outputs.map(\.cachedPromptTokenCount) == [8])
        #expect(scheduler.statistics.prefixQueryTokenCount == 22)
        #expect(scheduler.statistics.prefixHitTokenCount == 8)
    }

    @Test(arguments: [(8, 4), (9, 8), (4, 0), (5, 4)])
    func aFullHitLeavesAtLeastOneTokenToCompute(promptCount: Int, hit: Int) throws {
        var scheduler = try Scheduler(limits: .tiny())
        try run(.prompt(promptCount), on: &scheduler)
        _ = try scheduler.add(.prompt(promptCount))
        let batch = scheduler.schedule()
        #expect(batch.entries.map(\.firstPosition) == [hit])
        #expect(batch.counts == [promptCount - hit])
    }

    @Test func generatedTokensAreCachedToo() throws {
        var scheduler = try Scheduler(limits: .tiny())
        try run(.prompt(6, maxTokens: 4), on: &scheduler)
        var request = SequenceRequest.prompt(6)
        request.promptTokens += [7, 7, 7]
        _ = try scheduler.add(request)
        #expect(scheduler.schedule().entries.map(\.firstPosition) == [8])
    }

    @Test func aBlockMayBeHitInTheStepThatFillsIt() throws {
        var scheduler = try Scheduler(limits: .tiny())
        _ = try scheduler.add(.prompt(9))
        _ = try scheduler.add(.prompt(9))
        let batch = scheduler.schedule()
        #expect(batch.entries.map(\.firstPosition) == [0, 8])
        #expect(batch.entries[0].blockTable.prefix(2) == batch.entries[1].blockTable.prefix(2))
        try scheduler.checkInvariants()
    }

    @Test func aBlockThatIsNotComputedYetIsNotHit() throws {
        var scheduler = try Scheduler(limits: .tiny(chunk: 6))
        _ = try scheduler.add(.prompt(9))
        _ = try scheduler.add(.prompt(9))
        // Of the first prompt 6 tokens are computed: one full block.
        #expect(scheduler.schedule().entries.map(\.firstPosition) == [0, 4])
    }

    @Test func aBlockWithAPendingTokenIsNotHitUntilTheTokenIsKnown() throws {
        var scheduler = try Scheduler(limits: .tiny())
        _ = try scheduler.add(.prompt(3))
        let first = scheduler.schedule()
        let second = scheduler.schedule()
        var request = SequenceRequest.prompt(3)
        request.promptTokens += [7, 8]
        #expect(second.tokens == [.sampled(row: 0)])
        _ = scheduler.complete(first, sampled: [7])
        try scheduler.checkInvariants()
        _ = try scheduler.add(request)
        let third = scheduler.schedule()
        #expect(third.entries.map(\.firstPosition) == [4, 4])
    }

    @Test func requestsShareOnlyWithTheirOwnSalt() throws {
        var scheduler = try Scheduler(limits: .tiny())
        try run(.prompt(9, salt: "mine"), on: &scheduler)
        for salt in [nil, "", "yours"] {
            _ = try scheduler.add(.prompt(9, salt: salt))
            #expect(try scheduler.step().0.entries.last?.firstPosition == 0)
        }
        _ = try scheduler.add(.prompt(9, salt: "mine"))
        #expect(try scheduler.step().0.entries.last?.firstPosition == 8)
    }

    @Test func withoutCachingNothingIsKept() throws {
        var scheduler = try Scheduler(limits: .tiny(), cachesPrefixes: false)
        try run(.prompt(9), on: &scheduler)
        #expect(scheduler.statistics.freeBlockCount == 32)
        _ = try scheduler.add(.prompt(9))
        #expect(scheduler.schedule().entries.map(\.firstPosition) == [0])
        #expect(scheduler.statistics.prefixQueryTokenCount == 0)
    }

    @Test func aRequestForPromptLogprobsComputesEveryPositionOnce() throws {
        var scheduler = try Scheduler(limits: .tiny(chunk: 4))
        try run(.prompt(9), on: &scheduler)
        var request = SequenceRequest.prompt(9)
        request.wantsPromptLogprobs = true
        _ = try scheduler.add(request)
        var positions: [Range<Int>] = []
        for _ in 0..<4 { positions += try scheduler.step().0.entries.map(\.promptLogprobPositions) }
        #expect(positions.prefix(3) == [0..<4, 4..<8, 8..<8])
        #expect(positions.last?.isEmpty == true)
        #expect(scheduler.statistics.prefixHitTokenCount == 0)
    }

    @Test func theCacheGivesWayOnlyWhenNothingElseIsFree() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 6))
        try run(.prompt(8, maxTokens: 1), on: &scheduler)
        #expect(scheduler.statistics.cachedBlockCount == 2)
        try run(.prompt(16, from: 300, maxTokens: 1), on: &scheduler)
        #expect(scheduler.statistics.cachedBlockCount == 6)
        // The second half of the first prompt is the stalest.
        try run(.prompt(4, from: 500, maxTokens: 1), on: &scheduler)
        _ = try scheduler.add(.prompt(9, maxTokens: 1))
        #expect(scheduler.schedule().entries.map(\.firstPosition) == [4])
    }

    @Test func aCachedBlockThatIsHitIsNotCountedAsAvailableToo() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 4))
        try run(.prompt(8, maxTokens: 1), on: &scheduler)
        let first = try scheduler.add(.prompt(2, from: 300, maxTokens: 3))
        try scheduler.step()
        // 3 blocks are available, 2 of which are the hit; the prompt needs 4.
        let second = try scheduler.add(.prompt(13, maxTokens: 1))
        #expect(try scheduler.step().0.requests == [first])
        try scheduler.step()
        let (batch, _) = try scheduler.step()
        #expect(batch.requests == [second])
        #expect(batch.entries.map(\.firstPosition) == [8])
    }
}
