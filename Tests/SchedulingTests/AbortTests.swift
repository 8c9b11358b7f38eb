import Scheduling
import Testing

@Suite struct AbortTests {
    @Test func anAbortedRequestFreesItsBlocksAtOnce() throws {
        var scheduler = try Scheduler(limits: .tiny(), cachesPrefixes: false)
        let id = try scheduler.add(.prompt(9, choices: 2))
        try scheduler.step()
        try scheduler.step()
        let choices = (0..<2).map { SequenceID(request: id, choice: $0) }
        #expect(scheduler.abort(id) == choices)
        #expect(scheduler.statistics.freeBlockCount == 32)
        #expect(scheduler.abort(id) == [])
        #expect(scheduler.isIdle)
    }

    @Test func anAbortWhileAStepIsInFlightDiscardsItsSample() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(.prompt(3))
        let batch = scheduler.schedule()
        scheduler.abort(id)
        #expect(scheduler.complete(batch, sampled: [1]).discardedSampleCount == 1)
        try scheduler.checkInvariants()
    }

    @Test func aWaitingRequestCanBeAborted() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 1))
        let first = try scheduler.add(.prompt(3))
        let second = try scheduler.add(.prompt(5))
        let third = try scheduler.add(.prompt(7))
        try scheduler.step()
        scheduler.abort(second)
        #expect(scheduler.waitingPromptTokenCount == 7)
        scheduler.abort(first)
        #expect(try scheduler.step().0.requests == [third])
    }

    @Test func allRequestsCanBeAbortedInTheOrderOfArrival() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 2))
        let ids = try (0..<5).map { _ in try scheduler.add(.prompt(3)) }
        try scheduler.step()
        #expect(scheduler.abortAll().map(\.request) == ids)
        #expect(scheduler.isIdle)
        try scheduler.checkInvariants()
    }

    @Test func aResetForgetsWhatTheDeviceHeld() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(.prompt(9))
        _ = scheduler.schedule()
        #expect(scheduler.reset().map(\.request) == [id])
        #expect(scheduler.inFlightCount == 0)
        #expect(scheduler.statistics.freeBlockCount == 32)
        _ = try scheduler.add(.prompt(9))
        #expect(try scheduler.step().0.entries.map(\.firstPosition) == [0])
    }
}
