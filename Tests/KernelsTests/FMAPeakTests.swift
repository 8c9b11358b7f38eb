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
        let y = try GuardedBuffer(bench, wordCount: count, label: "y")
        let (factor, addend) = (Float(0.99), Float(0.25))
        try bench.run(family) {
            try $0.fmaPeak(rounds: rounds, factor: factor, addend: addend, into: y.slice)
        }
        let expected = fmaPeakReference(
            count: count,
            chains: try bench.library(family).fmaPeakChains,
            rounds: rounds,
            factor: factor,
            addend: addend
        )
        let context = "\(family), \(count) results of \(rounds) rounds"
        expectClose(y.floats(count, context), expected, .elementwise, context)
    }

    @Test func operationsAreCounted() throws {
        let bench = try Workbench.shared()
        let chains = bench.device.properties.isCPU ? 5 : 16
        for family in KernelFamily.tested {
            #expect(try bench.library(family).fmaPeakFLOPs(rounds: 3) == 2 * 64 * chains * 3)
        }
    }
}
