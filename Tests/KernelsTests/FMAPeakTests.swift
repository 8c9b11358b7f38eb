import Kernels
import Testing
import Vulkan

@TestDevice
@Suite(.needsDevice, .validated)
struct FMAPeakTests {
    @Test(
        arguments: [(1, 0), (7, 1), (255, 2), (256, 3), (257, 5), (3000, 17)],
        KernelFamily.tested
    )
    func everyStepOfEveryChainIsTaken(_ problem: (Int, Int), _ family: KernelFamily) throws {
        let (count, rounds) = problem
        let bench = try Workbench.shared()
        let (factor, addend) = (Float(0.99), Float(0.25))
        for chains in try bench.library(family).fmaChains {
            let y = try GuardedBuffer(bench, wordCount: count, label: "y")
            try bench.run(family) {
                try $0.fmaPeak(
                    chains,
                    rounds: rounds,
                    factor: factor,
                    addend: addend,
                    into: y.slice
                )
            }
            let expected = fmaPeakReference(
                count: count,
                chains: chains,
                rounds: rounds,
                factor: factor,
                addend: addend
            )
            let context = "\(family), \(chains), \(count) results of \(rounds) rounds"
            expectClose(y.floats(count, context), expected, .elementwise, context)
        }
    }

    @Test func operationsAreCounted() {
        #expect(FMAChains(count: 5, steps: 64).flops(rounds: 3) == 2 * 64 * 5 * 3)
    }
}
