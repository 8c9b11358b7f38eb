import Scheduling
import Testing

/// Guesses of a draft model, which the scheduler places and does not see.
@Suite struct DraftModelTests {
    private func scheduler(
        _ limits: Limits = .tiny(),
        drafts: Int = 3
    ) throws -> Scheduler {
        try Scheduler(limits: limits, drafting: .model(draftTokenCount: drafts))
    }

    /// A request of five tokens that has generated one, with the number `token`.
    private func started(
        _ scheduler: inout Scheduler,
        maxTokens: Int = 20,
        token: TokenID = 7
    ) throws -> SequenceID {
        let id = try scheduler.add(.prompt(5, maxTokens: maxTokens))
        try scheduler.step(sampling: token)
        return SequenceID(request: id, choice: 0)
    }

    @Test func guessesStandInTheBatchBeforeTheyAreMade() throws {
        var scheduler = try scheduler()
        _ = try started(&scheduler)
        let batch = scheduler.schedule()
        #expect(batch.tokens == [.known(7), .drafted, .drafted, .drafted])
        #expect(batch.draftTokenCount == 3)
        #expect(batch.samples.map(\.tokenIndex) == [0, 1, 2, 3])
        #expect(batch.samples.map(\.outputIndex) == [1, 2, 3, 4])
        #expect(batch.entries[0].laggingToken == nil)
        try scheduler.checkInvariants()
        #expect(scheduler.schedule().isEmpty)
    }

    /// From its last guess the draft model had nothing to guess, so it computes it the next time.
    @Test func afterRightGuessesTheDraftModelLagsByOneToken() throws {
        var scheduler = try scheduler()
        let sequence = try started(&scheduler)
        var batch = scheduler.schedule()
        var completed = scheduler.complete(batch, sampled: [1, 2, 3, 4], drafted: [1, 2, 3])
        #expect(completed.outputs.map(\.token) == [1, 2, 3, 4])
        #expect(scheduler[sequence]?.computedTokenCount == 9)
        try scheduler.checkInvariants()
        batch = scheduler.schedule()
        #expect(batch.entries[0].laggingToken == 3)
        #expect(batch.entries[0].firstPosition == 9)
        completed = scheduler.complete(batch, sampled: [5, 6, 9, 9], drafted: [5, 6, 7])
        #expect(completed.outputs.map(\.token) == [5, 6, 9])
        #expect(completed.discardedSampleCount == 1)
        try scheduler.checkInvariants()
        #expect(scheduler.schedule().entries[0].laggingToken == nil)
        let drafts = scheduler.statistics.drafts
        #expect(drafts.draftTokenCount == 6 && drafts.acceptedTokenCount == 5)
        #expect(drafts.acceptedCountByPosition == [2, 2, 1])
    }

    /// The prefix cache must not hand out a block of which the draft model has not computed all.
    @Test func aBlockIsCachedOnceBothModelsHaveComputedIt() throws {
        var scheduler = try scheduler(drafts: 2)
        let sequence = try started(&scheduler)
        // Positions 5, 6 and 7; the draft model has not computed 7, the last of the second block.
        _ = scheduler.complete(scheduler.schedule(), sampled: [8, 9, 10], drafted: [8, 9])
        let prompt: [TokenID] = [100, 101, 102, 103, 104, 7, 8, 9, 77]
        func hits() throws -> Int {
            var copy = scheduler
            copy.abort(sequence)
            let id = try copy.add(
                SequenceRequest(
                    promptTokens: prompt,
                    sampling: .greedy,
                    stopping: StopConditions(maxTokens: 2)
                )
            )
            try copy.step()
            return try #require(copy[id]?.cachedPromptTokenCount)
        }
        #expect(try hits() == 4)
        try scheduler.step()
        #expect(try hits() == 8)
    }

    /// Wrong guesses become fewer, by one each time, and right ones more, by two.
    @Test func theNumberOfGuessesFollowsTheirSuccess() throws {
        var scheduler = try scheduler(drafts: 4)
        _ = try started(&scheduler, maxTokens: 50)
        var counts: [Int] = []
        for isRight in [false, false, false, false, true, true, true, false] {
            let batch = scheduler.schedule()
            counts.append(batch.draftTokenCount)
            let guesses = [TokenID](repeating: isRight ? 3 : 4, count: batch.draftTokenCount)
            let samples = [TokenID](repeating: 3, count: batch.samples.count)
            _ = scheduler.complete(batch, sampled: samples, drafted: guesses)
        }
        #expect(counts == [4, 3, 2, 1, 1, 3, 4, 4])
    }

    /// Rows are shared, since a run of the draft model serves all; with less than one each, none.
    @Test func sequencesShareTheRowsThereAre() throws {
        var scheduler = try scheduler(.tiny(running: 7))
        for first in 0..<2 { _ = try scheduler.add(.prompt(5, from: TokenID(200 * first))) }
        try scheduler.step()
        #expect(scheduler.schedule().entries.map(\.draftTokenCount) == [2, 2])

        scheduler = try self.scheduler(.tiny(running: 3))
        for first in 0..<2 { _ = try scheduler.add(.prompt(5, from: TokenID(200 * first))) }
        try scheduler.step()
        #expect(scheduler.schedule().entries.map(\.draftTokenCount) == [0, 0])
        // Then nobody waits either.
        #expect(scheduler.schedule().entries.count == 2)
    }

    /// A newcomer's first token is awaited: else it would take turns with the others for ever.
    @Test func sequencesGoTogether() throws {
        var scheduler = try scheduler()
        let first = try started(&scheduler)
        let guessing = scheduler.schedule()
        let second = try scheduler.add(.prompt(5, from: 300))
        let prompt = scheduler.schedule()
        #expect(prompt.requests == [second])
        _ = scheduler.complete(guessing, sampled: [1, 1, 1, 1], drafted: [1, 2, 3])
        #expect(scheduler.schedule().isEmpty)
        _ = scheduler.complete(prompt, sampled: [50])
        let both = scheduler.schedule()
        #expect(both.requests == [first.request, second])
        #expect(both.entries.allSatisfy { $0.draftTokenCount > 0 })
    }

    /// Preempted while its guesses are judged, it keeps the right ones and is computed again.
    @Test func rightGuessesOutliveAPreemption() throws {
        var scheduler = try Scheduler(
            limits: .tiny(modelLength: 28, blocks: 7),
            cachesPrefixes: false,
            drafting: .model(draftTokenCount: 4)
        )
        var elder = SequenceRequest.prompt(10, from: 300, maxTokens: 16)
        elder.allowsDrafts = false
        let eldest = try scheduler.add(elder)
        try scheduler.step(sampling: 50)
        let id = try scheduler.add(.prompt(9, maxTokens: 20))
        try scheduler.step(sampling: 2)
        let batch = scheduler.schedule()
        #expect(batch.entries.map(\.draftTokenCount) == [0, 3])
        let next = scheduler.schedule()
        #expect(next.requests == [eldest])
        _ = scheduler.complete(batch, sampled: [60, 3, 4, 8, 8], drafted: [3, 4, 5])
        #expect(scheduler[id]?.tokens.suffix(4) == [2, 3, 4, 8])
        try scheduler.checkInvariants()
    }
}
