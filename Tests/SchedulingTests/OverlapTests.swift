import Scheduling
import Testing

@Suite struct OverlapTests {
    @Test func aPendingTokenIsTakenFromTheRowThatSamplesIt() throws {
        var scheduler = try Scheduler(limits: .tiny(chunk: 4))
        let long = try scheduler.add(.prompt(6))
        let short = try scheduler.add(.prompt(2, from: 1))
        let first = scheduler.schedule()
        #expect(first.samples.map(\.sequence.request) == [short])
        let second = scheduler.schedule()
        #expect(second.requests == [long, short])
        #expect(second.tokens == [.known(104), .known(105), .sampled(row: 0)])
        #expect(second.entries.map(\.firstPosition) == [4, 2])
        _ = scheduler.complete(first, allSampled: 9)
        let third = scheduler.schedule()
        #expect(third.tokens == [.sampled(row: 0), .sampled(row: 1)])
        #expect(third.samples.map(\.outputIndex) == [1, 2])
        try scheduler.checkInvariants()
    }

    @Test func aTokenThatIsKnownByThenIsNotTakenFromTheDevice() throws {
        var scheduler = try Scheduler(limits: .tiny())
        _ = try scheduler.add(.prompt(2))
        let first = scheduler.schedule()
        _ = scheduler.complete(first, sampled: [9])
        #expect(scheduler.schedule().tokens == [.known(9)])
    }

    @Test func theSampleAfterAStopTokenIsDiscarded() throws {
        var scheduler = try Scheduler(limits: .tiny())
        var request = SequenceRequest.prompt(3)
        request.stopping.stopTokens = [9]
        let id = try scheduler.add(request)
        let first = scheduler.schedule()
        let second = scheduler.schedule()
        let completed = scheduler.complete(first, sampled: [9])
        #expect(completed.outputs.map(\.finishReason) == [.stop(9)])
        #expect(scheduler[id] == nil)
        #expect(scheduler.statistics.usedBlockCount == 0)
        let discarded = scheduler.complete(second, sampled: [4])
        #expect(discarded.outputs == [])
        #expect(discarded.discardedSampleCount == 1)
        try scheduler.checkInvariants()
    }

    @Test func theSampleOfAnEndedSequenceDoesNotGoToTheOneInItsPlace() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let old = try scheduler.add(.prompt(3))
        let first = scheduler.schedule()
        scheduler.abort(old)
        let new = try scheduler.add(.prompt(3, from: 1))
        let second = scheduler.schedule()
        #expect(scheduler.complete(first, sampled: [5]).discardedSampleCount == 1)
        #expect(scheduler[new]?.tokenCount == 4)
        #expect(scheduler.complete(second, sampled: [6]).outputs.map(\.token) == [6])
    }

    @Test func nothingIsComputedBeyondAForeseenEnd() throws {
        var scheduler = try Scheduler(limits: .tiny())
        _ = try scheduler.add(.prompt(3, maxTokens: 2))
        let first = scheduler.schedule()
        let second = scheduler.schedule()
        #expect(second.samples.map(\.outputIndex) == [1])
        _ = scheduler.complete(first, sampled: [5])
        // Its second and last token is being sampled.
        #expect(scheduler.schedule().isEmpty)
        #expect(scheduler.complete(second, sampled: [6]).outputs.map(\.finishReason) == [.length])
        #expect(scheduler.isIdle)
    }

    @Test func aSequenceThatForbidsItIsNotScheduledWhileItsTokenIsPending() throws {
        var scheduler = try Scheduler(limits: .tiny())
        var request = SequenceRequest.prompt(3)
        request.allowsOverlap = false
        let careful = try scheduler.add(request)
        let other = try scheduler.add(.prompt(3, from: 1))
        let first = scheduler.schedule()
        #expect(first.requests == [careful, other])
        let second = scheduler.schedule()
        #expect(second.requests == [other])
        _ = scheduler.complete(first, sampled: [5, 6])
        let third = scheduler.schedule()
        #expect(third.requests == [careful, other])
        #expect(third.tokens == [.known(5), .sampled(row: 0)])
    }

    @Test func anEmptyBatchIsNotInFlight() throws {
        var scheduler = try Scheduler(limits: .tiny())
        #expect(scheduler.schedule().isEmpty)
        #expect(scheduler.inFlightCount == 0)
        _ = try scheduler.add(.prompt(3, maxTokens: 1))
        let batch = scheduler.schedule()
        #expect(batch.number == 0)
        #expect(scheduler.schedule().isEmpty)
        #expect(scheduler.inFlightCount == 1)
        #expect(scheduler.complete(batch, sampled: [1]).outputs.count == 1)
    }

    @Test func anEmptiedBlockMayBeUsedWhileTheStepThatWritesToItIsInFlight() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 1), cachesPrefixes: false)
        let old = try scheduler.add(.prompt(3, maxTokens: 2))
        let first = scheduler.schedule()
        scheduler.abort(old)
        _ = try scheduler.add(.prompt(3, from: 1, maxTokens: 2))
        let second = scheduler.schedule()
        #expect(second.entries.map(\.blockTable) == first.entries.map(\.blockTable))
        try scheduler.checkInvariants()
    }
}
