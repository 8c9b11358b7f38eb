import Scheduling
import Testing

@Suite struct PreemptionTests {
    /// Three sequences of one full block each, in a pool that lets only two of them grow.
    func crowded(
        policy: SchedulingPolicy = .fcfs,
        priorities: [Int] = [0, 0, 0],
        caching: Bool = false
    ) throws -> (Scheduler, [RequestID]) {
        var scheduler = try Scheduler(
            limits: .tiny(blocks: 5),
            policy: policy,
            cachesPrefixes: caching
        )
        let ids = try priorities.enumerated().map { number, priority in
            try scheduler.add(
                .prompt(3, from: TokenID(100 * number), maxTokens: 14, priority: priority)
            )
        }
        try scheduler.step()
        try scheduler.step()
        return (scheduler, ids)
    }

    @Test func theYoungestIsPreempted() throws {
        var (scheduler, ids) = try crowded()
        let (batch, _) = try scheduler.step()
        #expect(batch.preempted.map(\.request) == [ids[2]])
        #expect(batch.requests == [ids[0], ids[1]])
        #expect(scheduler[ids[2]]?.status == .waiting)
        #expect(scheduler[ids[2]]?.blockTable == [])
        #expect(scheduler.statistics.preemptionCount == 1)
    }

    @Test func theLowestPriorityIsPreemptedUnderThePriorityPolicy() throws {
        var (scheduler, ids) = try crowded(policy: .priority, priorities: [5, 1, 1])
        let (batch, _) = try scheduler.step()
        #expect(batch.preempted.map(\.request) == [ids[0]])
        #expect(batch.requests == [ids[1], ids[2]])
    }

    @Test func priorityIsIgnoredUnderFirstComeFirstServed() throws {
        var (scheduler, ids) = try crowded(policy: .fcfs, priorities: [5, 1, 1])
        #expect(try scheduler.step().0.preempted.map(\.request) == [ids[2]])
    }

    @Test func whoIsPreemptedGoesToTheFrontOfTheQueue() throws {
        var (scheduler, ids) = try crowded()
        let late = try scheduler.add(.prompt(3, from: 500, maxTokens: 2))
        try scheduler.step()
        #expect(scheduler.waitingCount == 2)
        scheduler.abort(ids[0])
        #expect(try scheduler.step().0.requests == [ids[1], ids[2], late])
    }

    @Test func nobodyIsAdmittedInAStepThatPreempts() throws {
        var (scheduler, ids) = try crowded(policy: .priority, priorities: [1, 1, 1])
        // It would fit into the block that the youngest gives back.
        let urgent = try scheduler.add(.prompt(1, from: 500, maxTokens: 1, priority: 0))
        let (batch, _) = try scheduler.step()
        #expect(batch.preempted.map(\.request) == [ids[2]])
        #expect(batch.requests == [ids[0], ids[1]])
        #expect(try scheduler.step().0.requests == [ids[0], ids[1], urgent])
    }

    @Test func whatWasGeneratedIsRecomputedNotSampledAgain() throws {
        var (scheduler, ids) = try crowded()
        try scheduler.step()
        #expect(scheduler[ids[2]]?.tokens == [200, 201, 202, 7, 7])
        scheduler.abort(ids[0])
        let (batch, completed) = try scheduler.step(sampling: 9)
        let entry = try #require(batch.entries.last)
        #expect(entry.firstPosition == 0)
        #expect(
            batch.tokens[entry.tokenRange]
                == [.known(200), .known(201), .known(202), .known(7), .known(7)]
        )
        #expect(batch.samples.last?.outputIndex == 2)
        #expect(completed.outputs.last?.outputIndex == 2)
        #expect(scheduler[ids[2]]?.tokens == [200, 201, 202, 7, 7, 9])
    }

    @Test func whoIsPreemptedStartsAgainFromItsOwnCachedBlocks() throws {
        var (scheduler, ids) = try crowded(caching: true)
        // Its one full block is free but cached; the next block taken is another one.
        try scheduler.step()
        scheduler.abort(ids[0])
        let (batch, _) = try scheduler.step()
        let entry = try #require(batch.entries.last)
        #expect(entry.sequence.request == ids[2])
        #expect(entry.firstPosition == 4)
        // The hit was not the prompt's.
        #expect(scheduler.statistics.prefixHitTokenCount == 0)
    }

    @Test func aSampleInFlightIsAcceptedThoughItsSequenceWasPreempted() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 5), cachesPrefixes: false)
        let ids = try (0..<3).map {
            try scheduler.add(.prompt(3, from: TokenID(100 * $0), maxTokens: 12))
        }
        try scheduler.step()
        let first = scheduler.schedule()
        let second = scheduler.schedule()
        try scheduler.checkInvariants()
        #expect(first.requests == ids)
        #expect(second.preempted.map(\.request) == [ids[2]])
        let completed = scheduler.complete(first, allSampled: 9)
        try scheduler.checkInvariants()
        #expect(completed.outputs.map(\.sequence.request) == ids)
        #expect(scheduler[ids[2]]?.tokens == [200, 201, 202, 7, 9])
    }

    @Test func aSequenceCanEndWhileItWaits() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 2), cachesPrefixes: false)
        let first = try scheduler.add(.prompt(3, maxTokens: 4))
        let second = try scheduler.add(.prompt(3, from: 1, maxTokens: 2))
        try scheduler.step()
        let last = scheduler.schedule()
        #expect(last.requests == [first, second])
        let batch = scheduler.schedule()
        #expect(batch.preempted.map(\.request) == [second])
        let completed = scheduler.complete(last, allSampled: 9)
        #expect(completed.outputs.map(\.finishReason) == [nil, .length])
        #expect(scheduler.waitingCount == 0)
        try scheduler.checkInvariants()
    }

    @Test func theFirstSequenceCanTakeTheBlocksOfAllOthers() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 5), cachesPrefixes: false)
        let first = try scheduler.add(.prompt(1, maxTokens: 20))
        let others = try (0..<4).map { try scheduler.add(.prompt(1, from: TokenID($0 * 9))) }
        for _ in 0..<19 { try scheduler.step() }
        #expect(scheduler[first]?.outputTokenCount == 19)
        #expect(scheduler[first]?.blockTable.count == 5)
        #expect(others.allSatisfy { scheduler[$0]?.status ?? .waiting == .waiting })
    }
}
