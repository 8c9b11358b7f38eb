import ArgumentParser

/// `pumice bench`: measurements, each with its own command.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure.",
        subcommands: [
            BenchLatency.self, BenchCapacity.self, BenchPrefix.self, BenchScheduler.self,
            BenchThroughput.self, BenchInterference.self, BenchServe.self,
            BenchGrammar.self, BenchKernels.self, BenchSteps.self, BenchStartup.self,
            BenchSynthesize.self, BenchSpeculation.self,
        ],
        defaultSubcommand: BenchLatency.self
    )
}
