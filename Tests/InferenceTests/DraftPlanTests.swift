import Inference
import Models
import Scheduling
import ShaderParams
import Testing

/// The draft model's steps before a step of the model.
@Suite struct DraftPlanTests {
    private func scheduler() throws -> Scheduler {
        try Scheduler(
            limits: Limits(
                runningSequenceCount: 8,
                batchedTokenCount: 64,
                modelLength: 64,
                blockSize: 4,
                blockCount: 32
            ),
            drafting: .model(draftTokenCount: 3)
        )
    }

    private func request(_ prompt: [TokenID], maxTokens: Int) -> SequenceRequest {
        SequenceRequest(
            promptTokens: prompt,
            sampling: SamplingParameters(temperature: 0.5, seed: UInt64(prompt[0])),
            stopping: StopConditions(maxTokens: maxTokens)
        )
    }

    @Test func aPromptIsComputedByTheDraftModelToo() throws {
        var scheduler = try scheduler()
        _ = try scheduler.add(request([1, 2, 3, 4, 5], maxTokens: 20))
        let plan = DraftPlan(scheduler.schedule(), blockSize: 4, firstRow: 8)
        #expect(plan.places.isEmpty)
        #expect(plan.steps.count == 1)
        #expect(plan.steps[0].tokens == [1, 2, 3, 4, 5])
        #expect(plan.steps[0].positions == [0, 1, 2, 3, 4])
        #expect(plan.steps[0].logitsRows.isEmpty && plan.steps[0].samples.isEmpty)
    }

    /// The first of two sequences takes three guesses, the other, near its end, one.
    @Test func eachGuessIsDrawnFromTheOneBefore() throws {
        var scheduler = try scheduler()
        _ = try scheduler.add(request([1, 2, 3, 4, 5], maxTokens: 20))
        _ = try scheduler.add(request([6, 7], maxTokens: 3))
        _ = scheduler.complete(scheduler.schedule(), sampled: [10, 20])
        let batch = scheduler.schedule()
        #expect(batch.entries.map(\.draftTokenCount) == [3, 1])
        let plan = DraftPlan(batch, blockSize: 4, firstRow: 8)
        let flag = StepBatch.sampledFlag
        #expect(plan.places == [0, 2, 3, 1])
        #expect(plan.steps.map(\.tokens) == [[10, 20], [flag | 8], [flag | 10]])
        #expect(plan.steps.map(\.positions) == [[5, 2], [6], [7]])
        #expect(plan.steps.map(\.logitsRows) == [[0, 1], [0], [0]])
        // Drawn as what they are compared with.
        #expect(plan.steps.map { $0.samples.map(\.position) } == [[1, 1], [2], [3]])
        #expect(plan.steps.map { $0.samples.map(\.seedLow) } == [[1, 6], [1], [1]])
        #expect(plan.steps[1].slotMapping == [4 * batch.entries[0].blockTable[1].rawValue + 2])
    }

    @Test func whatItLagsBehindIsComputedFirst() throws {
        var scheduler = try scheduler()
        _ = try scheduler.add(request([1, 2, 3, 4, 5], maxTokens: 20))
        _ = scheduler.complete(scheduler.schedule(), sampled: [10])
        let batch = scheduler.schedule()
        _ = scheduler.complete(batch, sampled: [11, 12, 13, 14], drafted: [11, 12, 13])
        let plan = DraftPlan(scheduler.schedule(), blockSize: 4, firstRow: 8)
        #expect(plan.steps[0].tokens == [13, 14])
        #expect(plan.steps[0].positions == [8, 9])
        #expect(plan.steps[0].logitsRows == [1])
    }
}
