import Scheduling
import Testing

/// Guesses of next tokens, checked several at a time.
@Suite struct DraftTests {
    private let policy = DraftPolicy(draftTokenCount: 4, lookupLengths: 2...3)

    private var lookup: PromptLookup { PromptLookup(lengths: 2...3, draftTokenCount: 4) }

    /// A prompt that has said 1 2 3 4 5 6 before and begins to say it again.
    private func repetitive(maxTokens: Int = 20) -> SequenceRequest {
        SequenceRequest(
            promptTokens: [1, 2, 3, 4, 5, 6, 9, 1],
            sampling: .greedy,
            stopping: StopConditions(maxTokens: maxTokens)
        )
    }

    /// A request that has generated the 2 after its last 1.
    private func started(
        _ scheduler: inout Scheduler,
        maxTokens: Int = 20
    ) throws -> SequenceID {
        let id = try scheduler.add(repetitive(maxTokens: maxTokens))
        try scheduler.step(sampling: 2)
        return SequenceID(request: id, choice: 0)
    }

    @Test func whatFollowedBeforeIsComputedAndSampledAfter() throws {
        var scheduler = try Scheduler(limits: .tiny(), drafting: policy)
        _ = try started(&scheduler)
        let batch = scheduler.schedule()
        #expect(batch.tokens == [.known(2), .known(3), .known(4), .known(5), .known(6)])
        #expect(batch.entries.map(\.draftTokenCount) == [4])
        #expect(batch.samples.map(\.tokenIndex) == [0, 1, 2, 3, 4])
        #expect(batch.samples.map(\.outputIndex) == [1, 2, 3, 4, 5])
        try scheduler.checkInvariants()
        // Nothing more of it before these are judged.
        #expect(scheduler.schedule().isEmpty)
    }

    @Test func rightGuessesAreTokensAndTheLastRowIsOneMore() throws {
        var scheduler = try Scheduler(limits: .tiny(), drafting: policy)
        let sequence = try started(&scheduler)
        let batch = scheduler.schedule()
        let completed = scheduler.complete(batch, sampled: [3, 4, 5, 6, 7])
        #expect(completed.outputs.map(\.token) == [3, 4, 5, 6, 7])
        #expect(completed.outputs.map(\.outputIndex) == [1, 2, 3, 4, 5])
        #expect(completed.discardedSampleCount == 0)
        #expect(scheduler[sequence]?.computedTokenCount == 13)
        #expect(scheduler[sequence]?.tokenCount == 14)
        try scheduler.checkInvariants()
        #expect(scheduler.schedule().tokens == [.known(7)])
    }

    @Test func aWrongGuessEndsItAndItsBlocksAreFree() throws {
        var scheduler = try Scheduler(limits: .tiny(), drafting: policy)
        let sequence = try started(&scheduler)
        let batch = scheduler.schedule()
        #expect(scheduler[sequence]?.blockTable.count == 4)
        let completed = scheduler.complete(batch, sampled: [3, 8, 8, 8, 8])
        #expect(completed.outputs.map(\.token) == [3, 8])
        #expect(completed.discardedSampleCount == 3)
        #expect(scheduler[sequence]?.computedTokenCount == 10)
        #expect(scheduler[sequence]?.blockTable.count == 3)
        try scheduler.checkInvariants()
        #expect(scheduler.schedule().tokens == [.known(8)])
        let drafts = scheduler.statistics.drafts
        #expect(drafts.draftCount == 1)
        #expect(drafts.draftTokenCount == 4)
        #expect(drafts.acceptedTokenCount == 1)
        #expect(drafts.acceptedCountByPosition == [1])
    }

    /// Guesses that fail are made less of, those that hold more.
    @Test func theNumberOfGuessesFollowsTheirSuccess() throws {
        var lookup = lookup
        let tokens: [TokenID] = [1, 2, 3, 4, 5, 6, 7, 1, 2]
        #expect(lookup.drafts(after: tokens, limit: 9) == [3, 4, 5, 6])
        lookup.learn(acceptedCount: 0, of: 4)
        #expect(lookup.drafts(after: tokens, limit: 9) == [3, 4])
        lookup.learn(acceptedCount: 0, of: 2)
        lookup.learn(acceptedCount: 0, of: 1)
        #expect(lookup.drafts(after: tokens, limit: 9) == [3])
        lookup.learn(acceptedCount: 1, of: 1)
        #expect(lookup.drafts(after: tokens, limit: 9) == [3, 4])
        #expect(lookup.drafts(after: tokens, limit: 1) == [3])
        #expect(lookup.drafts(after: tokens + [9], limit: 9) == [])
    }

    @Test func theLongestAndLatestRunCountsAndRepetitionGoesOn() {
        var lookup = lookup
        #expect(lookup.drafts(after: [5, 1, 2, 7, 6, 1, 2, 8, 5, 1, 2], limit: 2) == [7, 6])
        lookup = self.lookup
        #expect(lookup.drafts(after: [1, 2, 7, 1, 2, 8, 1, 2], limit: 2) == [8, 1])
        lookup = self.lookup
        #expect(lookup.drafts(after: [4, 5, 4, 5], limit: 4) == [4, 5, 4, 5])
    }

    /// The pending token is most likely the one that is guessed: worth waiting for.
    @Test func aPendingTokenIsAwaitedWhereGuessesFollow() throws {
        var scheduler = try Scheduler(limits: .tiny(), drafting: policy)
        let id = try scheduler.add(repetitive())
        // The first token is not awaited: nobody shall wait for it.
        let prompt = scheduler.schedule()
        let first = scheduler.schedule()
        #expect(first.tokens == [.sampled(row: 0)])
        _ = scheduler.complete(prompt, sampled: [2])
        #expect(scheduler.schedule().isEmpty)
        _ = scheduler.complete(first, sampled: [3])
        #expect(scheduler.schedule().entries.map(\.draftTokenCount) == [4])
        #expect(scheduler[id]?.status == .running)
    }

    @Test func aStopAmongTheGuessesEndsTheSequence() throws {
        var scheduler = try Scheduler(limits: .tiny(), drafting: policy)
        var request = repetitive()
        request.stopping.stopTokens = [4]
        let id = try scheduler.add(request)
        try scheduler.step(sampling: 2)
        let completed = scheduler.complete(scheduler.schedule(), sampled: [3, 4, 5, 6, 7])
        #expect(completed.outputs.map(\.token) == [3, 4])
        #expect(completed.outputs.last?.finishReason == .stop(4))
        #expect(scheduler[id] == nil)
        #expect(scheduler.isIdle)
        #expect(scheduler.statistics.usedBlockCount == 0)
        #expect(scheduler.statistics.drafts.acceptedTokenCount == 2)
        try scheduler.checkInvariants()
    }

    @Test func noMoreIsGuessedThanMayBeGenerated() throws {
        var scheduler = try Scheduler(limits: .tiny(), drafting: policy)
        _ = try started(&scheduler, maxTokens: 4)
        let batch = scheduler.schedule()
        #expect(batch.tokens.count == 3)
        let completed = scheduler.complete(batch, sampled: [3, 4, 5])
        #expect(completed.outputs.last?.finishReason == .length)
    }

    /// Guesses take only rows and tokens that are left over, and none while somebody waits.
    @Test func othersComeFirst() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 3), drafting: policy)
        _ = try started(&scheduler)
        #expect(scheduler.schedule().draftTokenCount == 2)

        scheduler = try Scheduler(limits: .tiny(running: 1), drafting: policy)
        _ = try started(&scheduler)
        #expect(scheduler.schedule().draftTokenCount == 0)

        scheduler = try Scheduler(limits: .tiny(), drafting: policy)
        _ = try started(&scheduler)
        _ = try scheduler.add(.prompt(3))
        #expect(scheduler.schedule().draftTokenCount == 0)

        scheduler = try Scheduler(limits: .tiny(batched: 8, chunk: 3), drafting: policy)
        let id = try scheduler.add(repetitive())
        while scheduler[id]?.outputTokenCount == 0 { try scheduler.step(sampling: 2) }
        #expect(scheduler.schedule().tokens.count == 3)
    }

    /// No block is taken from anybody for a guess.
    @Test func guessesPreemptNobody() throws {
        var scheduler = try Scheduler(limits: .tiny(modelLength: 20, blocks: 6), drafting: policy)
        let other = try scheduler.add(.prompt(7, maxTokens: 9))
        try scheduler.step(sampling: 50)
        let sequence = try started(&scheduler, maxTokens: 12)
        // Three blocks each; four guesses would need a seventh.
        let batch = scheduler.schedule()
        #expect(batch.requests == [other, sequence.request])
        #expect(batch.draftTokenCount == 0)
        #expect(batch.preempted.isEmpty)
        #expect(scheduler.statistics.usedBlockCount == 6)
    }

    /// Preempted while its guesses are judged, it keeps the right ones and is computed again.
    @Test func rightGuessesOutliveAPreemption() throws {
        var scheduler = try Scheduler(
            limits: .tiny(modelLength: 28, blocks: 7),
            cachesPrefixes: false,
            drafting: policy
        )
        let elder = try scheduler.add(.prompt(10, maxTokens: 16))
        try scheduler.step(sampling: 50)
        let sequence = try started(&scheduler)
        let batch = scheduler.schedule()
        #expect(batch.draftTokenCount == 4)
        // The elder needs a fourth block, and all seven are taken.
        let next = scheduler.schedule()
        #expect(next.requests == [elder])
        #expect(next.preempted == [sequence])
        let completed = scheduler.complete(batch, sampled: [60, 3, 4, 8, 8, 8])
        #expect(completed.outputs.map(\.token) == [60, 3, 4, 8])
        #expect(scheduler[sequence]?.status == .waiting)
        #expect(scheduler[sequence]?.tokens.suffix(4) == [2, 3, 4, 8])
        #expect(scheduler[sequence]?.tokenCount == 12)
        try scheduler.checkInvariants()
    }

    @Test func whoMayNotBeGuessedIsNot() throws {
        var scheduler = try Scheduler(limits: .tiny(), drafting: policy)
        var request = repetitive()
        request.allowsDrafts = false
        _ = try scheduler.add(request)
        try scheduler.step(sampling: 2)
        #expect(scheduler.schedule().draftTokenCount == 0)
    }
}
