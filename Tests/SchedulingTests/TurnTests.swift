import Scheduling
import Testing

/// Two steps at once on several devices, of which the second needs nothing of the first.
@Suite struct TurnTests {
    private func scheduler(chunk: Int? = nil) throws -> Scheduler {
        var limits = Limits.tiny(chunk: chunk)
        limits.takesTurns = true
        return try Scheduler(limits: limits)
    }

    private func isKnown(_ batch: ScheduledBatch) -> Bool {
        batch.tokens.allSatisfy { if case .known = $0 { true } else { false } }
    }

    @Test func sequencesThatGenerateGoInTwoGroups() throws {
        var scheduler = try scheduler()
        let ids = try (0..<5).map { try scheduler.add(.prompt(3, from: 10 * $0)) }
        let groups = [Array(ids.prefix(3)), Array(ids.suffix(2))]
        let first = scheduler.schedule()
        #expect(first.requests == ids)
        // Nothing else can run, so the first group follows at once, and only this once.
        var previous = scheduler.schedule()
        #expect(previous.requests == groups[0] && !isKnown(previous))
        _ = scheduler.complete(first, allSampled: 5)
        for step in 1..<6 {
            let next = scheduler.schedule()
            #expect(next.requests == groups[step % 2] && isKnown(next))
            _ = scheduler.complete(previous, allSampled: 5)
            previous = next
            try scheduler.checkInvariants()
        }
    }

    @Test func aSequenceThatIsAloneDoesNotWait() throws {
        var scheduler = try scheduler()
        let only = try scheduler.add(.prompt(3))
        let first = scheduler.schedule()
        let second = scheduler.schedule()
        #expect(second.requests == [only] && second.tokens == [.sampled(row: 0)])
        _ = scheduler.complete(first, sampled: [5])
        #expect(scheduler.schedule().tokens == [.sampled(row: 0)])
    }

    @Test func aPromptsNextChunkNeedsNothingOfTheStepBefore() throws {
        var scheduler = try scheduler(chunk: 4)
        let short = try scheduler.add(.prompt(2))
        let long = try scheduler.add(.prompt(11, from: 20))
        let first = scheduler.schedule()
        #expect(first.requests == [short, long])
        let second = scheduler.schedule()
        #expect(second.requests == [long] && second.counts == [4])
        _ = scheduler.complete(first, sampled: [5])
        let third = scheduler.schedule()
        #expect(third.requests == [short, long] && isKnown(third))
        _ = scheduler.complete(second, sampled: [])
        try scheduler.checkInvariants()
    }
}
