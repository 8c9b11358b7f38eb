import Benchmarking
import Kernels
import Testing

@Suite struct MatmulTuningTests {
    private let plans = [
        MatmulPlan(.vector, tokens: 1), MatmulPlan(.vector, tokens: 1, rows: 2),
        MatmulPlan(.tile, tokens: 32, rows: 64),
    ]

    private func tuning(_ microseconds: [Double]) -> MatmulTuning {
        MatmulTuning(
            format: .q4_1,
            shape: "",
            key: KernelChoices.Key(.q4_1, rows: 64, columns: 64, tokenCount: 1),
            candidates: zip(plans, microseconds).map {
                MatmulTuning.Candidate($0, seconds: $1 * 1e-6)
            }
        )
    }

    @Test func theFastestPlanIsChosen() {
        let tuning = tuning([100, 80, 60])
        #expect(tuning.choice == plans[2])
        #expect(abs(tuning.best.medianMicroseconds - 60) < 1e-9)
    }

    @Test(arguments: [[100.0, 98, 99], [100, 100, 100], [60, 80, 100], [5]])
    func theTableStandsUnlessAnotherIsClearlyFaster(microseconds: [Double]) {
        let tuning = tuning(microseconds)
        #expect(tuning.choice == nil)
        #expect(tuning.best.plan == plans[0])
    }
}
