import Scheduling
import Testing

/// Sequences whose next token waits until the host knows what it may be.
@Suite struct ConstraintTests {
    private func constrained(_ count: Int, choices: Int = 1) -> SequenceRequest {
        var request = SequenceRequest.prompt(count, choices: choices)
        request.isConstrained = true
        return request
    }

    @Test func aConstrainedSequenceIsHeldAfterEachToken() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(constrained(3))
        let sequence = SequenceID(request: id, choice: 0)
        let first = scheduler.schedule()
        #expect(first.samples.count == 1)
        // Not before the token is known, and not before it has been looked at.
        #expect(scheduler.schedule().isEmpty)
        _ = scheduler.complete(first, sampled: [5])
        #expect(scheduler.schedule().isEmpty)
        #expect(!scheduler.isIdle)
        scheduler.allow(sequence, outputCount: 2)
        let second = scheduler.schedule()
        #expect(second.tokens == [.known(5)])
        #expect(second.samples.map(\.outputIndex) == [1])
        #expect(scheduler.schedule().isEmpty)
        try scheduler.checkInvariants()
    }

    @Test func othersGoOnMeanwhile() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let held = try scheduler.add(constrained(3))
        let free = try scheduler.add(.prompt(3, from: 50))
        try scheduler.step()
        for _ in 0..<3 { #expect(try scheduler.step().0.requests == [free]) }
        scheduler.allow(SequenceID(request: held, choice: 0), outputCount: 2)
        #expect(try scheduler.step().0.requests == [held, free])
        #expect(try scheduler.step().0.requests == [free])
    }

    @Test func eachChoiceIsHeldOnItsOwn() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(constrained(3, choices: 3))
        let first = scheduler.schedule()
        #expect(first.samples.count == 3)
        _ = scheduler.complete(first, sampled: [1, 2, 3])
        #expect(scheduler.schedule().isEmpty)
        scheduler.allow(SequenceID(request: id, choice: 1), outputCount: 2)
        let second = scheduler.schedule()
        #expect(second.samples.map(\.sequence.choice) == [1])
        #expect(second.tokens == [.known(2)])
    }

    /// Preempted while it is held, it is admitted again only when its next token may be drawn.
    @Test func aHeldSequenceThatIsPreemptedWaits() throws {
        var scheduler = try Scheduler(limits: .tiny(modelLength: 24, blocks: 6))
        let elder = try scheduler.add(.prompt(8, maxTokens: 16))
        let held = try scheduler.add(constrained(8))
        let sequence = SequenceID(request: held, choice: 0)
        var steps = 0
        repeat {
            try scheduler.step()
            steps += 1
        } while scheduler[sequence]?.status == .running && steps < 20
        #expect(scheduler[sequence]?.status == .waiting)
        while scheduler[elder] != nil { try scheduler.step() }
        #expect(scheduler.schedule().isEmpty)
        scheduler.allow(sequence, outputCount: 2)
        let batch = scheduler.schedule()
        #expect(batch.requests == [held])
        #expect(batch.samples.map(\.outputIndex) == [1])
        try scheduler.checkInvariants()
    }

    @Test func whatIsAllowedToAnEndedSequenceIsForgotten() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(constrained(3))
        scheduler.abort(id)
        scheduler.allow(SequenceID(request: id, choice: 0), outputCount: 2)
        #expect(scheduler.isIdle)
    }
}
