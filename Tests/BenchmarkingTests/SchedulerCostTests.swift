import Benchmarking
import Scheduling
import Testing

@Suite struct SchedulerCostTests {
    @Test(arguments: [false, true])
    func everyFullStepIsMeasured(cachesPrefixes: Bool) throws {
        let cost = try SchedulerCost(
            sequenceCount: 8,
            blockCount: 64,
            cachesPrefixes: cachesPrefixes,
            stepCount: 50
        )
        // The prompts' step is not one of single tokens; the last tokens are drawn one step later.
        #expect((50...52).contains(cost.durations.count))
        #expect(cost.durations == cost.durations.sorted())
        #expect(cost.quantile(0) <= cost.quantile(0.5) && cost.quantile(0.5) <= cost.quantile(1))
    }

    @Test func aPoolTooSmallForOneSequenceIsRefused() {
        #expect(throws: SchedulingError.self) {
            try SchedulerCost(sequenceCount: 1, blockCount: 2, cachesPrefixes: true)
        }
    }
}
