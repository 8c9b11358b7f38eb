import Scheduling
import Testing

/// Tokens that a constraint leaves no choice about: appended as if they had been sampled.
@Suite struct ForcedTokenTests {
    private func constrained(_ count: Int, maxTokens: Int = 16) -> SequenceRequest {
        var request = SequenceRequest.prompt(count, maxTokens: maxTokens)
        request.isConstrained = true
        return request
    }

    @Test func theyAreComputedTogetherAndTheNextIsSampledAfterThem() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(constrained(3))
        let sequence = SequenceID(request: id, choice: 0)
        _ = scheduler.complete(scheduler.schedule(), sampled: [5])
        let (count, reason) = scheduler.append(forced: [6, 7, 8], to: sequence)
        #expect(count == 3 && reason == nil)
        #expect(scheduler.schedule().isEmpty)
        scheduler.allow(sequence, outputCount: 5)
        let batch = scheduler.schedule()
        #expect(batch.tokens == [.known(5), .known(6), .known(7), .known(8)])
        #expect(batch.samples.map(\.outputIndex) == [4])
        #expect(batch.samples.map(\.tokenIndex) == [3])
        try scheduler.checkInvariants()
        _ = scheduler.complete(batch, sampled: [9])
        #expect(scheduler[sequence]?.tokens.suffix(5) == [5, 6, 7, 8, 9])
    }

    @Test func theyEndTheSequenceWhereDrawnOnesWould() throws {
        for (maxTokens, expected) in [(2, 1), (3, 2), (4, 3)] {
            var scheduler = try Scheduler(limits: .tiny())
            let id = try scheduler.add(constrained(3, maxTokens: maxTokens))
            let sequence = SequenceID(request: id, choice: 0)
            _ = scheduler.complete(scheduler.schedule(), sampled: [5])
            let (count, reason) = scheduler.append(forced: [6, 7, 8], to: sequence)
            #expect(count == expected && reason == .length)
            #expect(scheduler.isIdle)
            try scheduler.checkInvariants()
        }
        var scheduler = try Scheduler(limits: .tiny())
        var request = constrained(3)
        request.stopping.stopTokens = [7]
        let sequence = SequenceID(request: try scheduler.add(request), choice: 0)
        _ = scheduler.complete(scheduler.schedule(), sampled: [5])
        let (count, reason) = scheduler.append(forced: [6, 7, 8], to: sequence)
        #expect(count == 2 && reason == .stop(7))
        #expect(scheduler.isIdle)
    }

    @Test func anEndedSequenceTakesNone() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(constrained(3))
        scheduler.abort(id)
        let (count, reason) = scheduler.append(
            forced: [1, 2],
            to: SequenceID(request: id, choice: 0)
        )
        #expect(count == 0 && reason == nil)
    }

    /// Preempted while it is held, it has them when it is computed again.
    @Test func aPreemptedSequenceKeepsThem() throws {
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
        _ = scheduler.append(forced: [91, 92, 93], to: sequence)
        while scheduler[elder] != nil { try scheduler.step() }
        scheduler.allow(sequence, outputCount: 5)
        var tokens: [ScheduledBatch.TokenSource] = []
        var outputIndices: [Int] = []
        while outputIndices.isEmpty {
            let batch = scheduler.schedule()
            #expect(batch.requests == [held])
            tokens += batch.tokens
            outputIndices += batch.samples.map(\.outputIndex)
            _ = scheduler.complete(batch, sampled: batch.samples.map { _ in 1 })
        }
        #expect(tokens.suffix(3) == [.known(91), .known(92), .known(93)])
        #expect(outputIndices == [4])
        try scheduler.checkInvariants()
    }

    /// Two that started apart go on together.
    @Test func constrainedSequencesShareTheirSteps() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let elder = SequenceID(request: try scheduler.add(constrained(3)), choice: 0)
        _ = scheduler.complete(scheduler.schedule(), sampled: [1])
        let younger = SequenceID(request: try scheduler.add(constrained(3)), choice: 0)
        let free = try scheduler.add(.prompt(3))
        let first = scheduler.schedule()
        #expect(first.requests == [younger.request, free])
        // The elder may go on, and does not while the younger one's token is being sampled.
        scheduler.allow(elder, outputCount: 2)
        let second = scheduler.schedule()
        #expect(second.requests == [free])
        _ = scheduler.complete(first, sampled: [2, 3])
        scheduler.allow(younger, outputCount: 2)
        let third = scheduler.schedule()
        #expect(third.requests == [elder.request, younger.request, free])
        try scheduler.checkInvariants()
    }

    /// A step of 17 tokens costs as much as one of 32: in a full one they come one by one.
    @Test func theyMakeNoStepDearer() throws {
        for (others, expected) in [(14, [2, 2, 1]), (15, [1, 1, 1, 1, 1]), (3, [5])] {
            var scheduler = try Scheduler(
                limits: .tiny(running: 16, batched: 128, modelLength: 32, blocks: 128)
            )
            let id = try scheduler.add(constrained(2))
            for _ in 0..<others { _ = try scheduler.add(.prompt(2, maxTokens: 30)) }
            let sequence = SequenceID(request: id, choice: 0)
            try scheduler.step()
            _ = scheduler.append(forced: [6, 7, 8, 9], to: sequence)
            scheduler.allow(sequence, outputCount: 6)
            var counts: [Int] = []
            var outputIndices: [Int] = []
            while outputIndices.isEmpty {
                let (batch, _) = try scheduler.step()
                let own = batch.entries.filter { $0.sequence == sequence }
                counts += own.map(\.scheduledTokenCount)
                outputIndices += batch.samples.filter { $0.sequence == sequence }.map(\.outputIndex)
            }
            #expect(counts == expected && outputIndices == [5], "beside \(others)")
        }
    }

    @Test func heldSequencesAreCounted() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let first = try scheduler.add(constrained(3))
        _ = try scheduler.add(constrained(3))
        _ = try scheduler.add(.prompt(3))
        let batch = scheduler.schedule()
        // Their tokens are on their way.
        #expect(scheduler.heldCount == 0)
        _ = scheduler.complete(batch, sampled: [1, 2, 3])
        #expect(scheduler.heldCount == 2)
        scheduler.allow(SequenceID(request: first, choice: 0), outputCount: 2)
        #expect(scheduler.heldCount == 1)
    }
}
