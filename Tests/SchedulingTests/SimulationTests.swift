import Scheduling
import Testing

/// A scheduler, a device that is a hash function, and random workloads. A wrong slot, an early
/// free, a stale prefix hit, a missing copy or a wrong chunk boundary changes tokens.
@Suite struct SimulationTests {
    /// 512 configurations of 200 requests each.
    @Test(arguments: 0..<8)
    func everyRequestGeneratesWhatItGeneratesAlone(part: UInt64) throws {
        var coverage = Simulation.Coverage()
        for seed in part * 64..<(part + 1) * 64 {
            var simulation = try Simulation(seed: seed)
            do {
                try simulation.run(requestCount: 200)
            } catch {
                Issue.record("seed \(seed), \(simulation.workload.limits): \(error)")
                return
            }
            coverage += simulation.coverage
        }
        // Proof that the simulation goes where it should.
        for path in Simulation.Coverage.all {
            #expect(coverage[keyPath: path] > 100, "\(path) in part \(part): \(coverage)")
        }
    }
}
