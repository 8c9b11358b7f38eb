import Scheduling
import Testing

@Suite struct ChoicesTests {
    func choices(_ request: RequestID, _ numbers: Int...) -> [SequenceID] {
        numbers.map { SequenceID(request: request, choice: $0) }
    }

    @Test func allChoicesSampleFromTheSameRowOfLogits() throws {
        var scheduler = try Scheduler(limits: .tiny())
        let id = try scheduler.add(.prompt(6, choices: 3))
        let batch = scheduler.schedule()
        #expect(batch.entries.map(\.sampleRows) == [0..<3])
        #expect(batch.samples.map(\.sequence) == choices(id, 0, 1, 2))
        #expect(batch.samples.map(\.tokenIndex) == [5, 5, 5])
        #expect(batch.samples.map(\.outputIndex) == [0, 0, 0])
        #expect(scheduler.runningCount == 3)
        let completed = scheduler.complete(batch, sampled: [1, 2, 3])
        #expect(completed.outputs.map(\.token) == [1, 2, 3])
        #expect(scheduler[SequenceID(request: id, choice: 2)]?.tokens.last == 3)
        try scheduler.checkInvariants()
    }

    @Test func eachChoiceHasItsOwnStream() throws {
        var scheduler = try Scheduler(limits: .tiny())
        var request = SequenceRequest.prompt(6, choices: 4)
        request.sampling.seed = 77
        _ = try scheduler.add(request)
        let seeds = scheduler.schedule().samples.map(\.parameters.seed)
        #expect(seeds[0] == 77)
        #expect(Set(seeds).count == 4)
    }

    @Test func thePromptsBlocksAreSharedAndItsLastOneCopiedByAllButOne() throws {
        var scheduler = try Scheduler(limits: .tiny())
        _ = try scheduler.add(.prompt(6, choices: 3))
        let first = scheduler.schedule()
        let prompt = first.entries[0].blockTable
        #expect(scheduler.statistics.usedBlockCount == 2)
        let second = scheduler.schedule()
        try scheduler.checkInvariants()
        #expect(second.tokens == [.sampled(row: 0), .sampled(row: 1), .sampled(row: 2)])
        #expect(second.entries.allSatisfy { $0.blockTable[0] == prompt[0] })
        let last = second.entries.map { $0.blockTable[1] }
        #expect(Set(last).count == 3)
        #expect(last[2] == prompt[1], "the last owner writes in place")
        #expect(
            second.copies
                == last.prefix(2).map { BlockCopy(source: prompt[1], destination: $0) }
        )
        #expect(scheduler.statistics.usedBlockCount == 4)
    }

    @Test func aPromptOfFullBlocksNeedsNoCopy() throws {
        var scheduler = try Scheduler(limits: .tiny())
        _ = try scheduler.add(.prompt(8, choices: 3))
        try scheduler.step()
        #expect(try scheduler.step().0.copies == [])
        #expect(scheduler.statistics.usedBlockCount == 5)
    }

    @Test func placesAreKeptForChoicesYetToFork() throws {
        var scheduler = try Scheduler(limits: .tiny(running: 4, chunk: 4))
        let many = try scheduler.add(.prompt(6, choices: 3))
        let single = try scheduler.add(.prompt(3, from: 1))
        let next = try scheduler.add(.prompt(3, from: 50))
        #expect(try scheduler.step().0.requests == [many, single])
        #expect(try scheduler.step().0.requests == [many, single])
        #expect(scheduler.runningCount == 4)
        #expect(scheduler[next]?.status == .waiting)
    }

    @Test func choicesPreemptedAloneGoOnAsTheyWere() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 3), cachesPrefixes: false)
        let id = try scheduler.add(.prompt(3, maxTokens: 8, choices: 3))
        let first = scheduler.schedule()
        _ = scheduler.complete(first, sampled: [1, 2, 3])
        try scheduler.step()
        let (batch, _) = try scheduler.step()
        #expect(batch.preempted == choices(id, 2, 1))
        #expect(scheduler[SequenceID(request: id, choice: 1)]?.tokens == [100, 101, 102, 2, 7])
        #expect(scheduler[SequenceID(request: id, choice: 2)]?.tokens == [100, 101, 102, 3, 7])
        while !scheduler.isIdle { try scheduler.step() }
        #expect(scheduler.statistics.freeBlockCount == 3)
    }

    @Test func aPreemptedSharerLeavesTheBlockToBeWrittenInPlace() throws {
        var scheduler = try Scheduler(limits: .tiny(blocks: 1), cachesPrefixes: false)
        let id = try scheduler.add(.prompt(2, maxTokens: 3, choices: 2))
        try scheduler.step()
        let (batch, _) = try scheduler.step()
        #expect(batch.preempted == choices(id, 1))
        #expect(batch.copies == [])
        #expect(batch.entries.map(\.sequence) == choices(id, 0))
    }

    @Test func aChoiceAbortedBeforeItForksNeverRuns() throws {
        var scheduler = try Scheduler(limits: .tiny(chunk: 4))
        let id = try scheduler.add(.prompt(6, choices: 3))
        try scheduler.step()
        #expect(scheduler.abort(SequenceID(request: id, choice: 1)) == true)
        #expect(scheduler.abort(SequenceID(request: id, choice: 1)) == false)
        let (batch, _) = try scheduler.step()
        #expect(batch.samples.map(\.sequence) == choices(id, 0, 2))
    }

    @Test(arguments: [true, false])
    func whenTheFirstChoiceIsAbortedTheNextGoesOnWithItsWork(isRunning: Bool) throws {
        var scheduler = try Scheduler(limits: .tiny(chunk: 4))
        let id = try scheduler.add(.prompt(6, choices: 3))
        if isRunning { try scheduler.step() }
        #expect(scheduler.abort(SequenceID(request: id, choice: 0)) == true)
        try scheduler.checkInvariants()
        if !isRunning { try scheduler.step() }
        let (batch, _) = try scheduler.step()
        #expect(batch.entries.map(\.firstPosition) == [4])
        #expect(batch.samples.map(\.sequence) == choices(id, 1, 2))
        #expect(scheduler.abort(id) == choices(id, 1, 2))
        #expect(scheduler.isIdle)
    }
}
