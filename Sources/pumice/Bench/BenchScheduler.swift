import ArgumentParser
import Benchmarking
import Foundation

/// `pumice bench scheduler`: what a step costs the host; needs no device.
struct BenchScheduler: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler",
        abstract: "Time scheduling a step, by running sequences and by the pool's size."
    )

    @Option(help: "Steps to measure in each row.")
    var steps = 200

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard (10...3000).contains(steps) else {
            throw ValidationError("--steps is \(steps); it must be in 10...3000.")
        }
    }

    func run() throws {
        print("sequences   blocks   prefix cache   median us   p99 us   us a sequence")
        var rows: [Row] = []
        for (sequences, blocks) in Self.cases(steps: steps) {
            for caches in [false, true] {
                let cost = try SchedulerCost(
                    sequenceCount: sequences,
                    blockCount: blocks,
                    cachesPrefixes: caches,
                    stepCount: steps
                )
                let median = cost.quantile(0.5) * 1e6
                rows.append(
                    Row(
                        sequences: sequences,
                        blocks: blocks,
                        cachesPrefixes: caches,
                        medianMicroseconds: median,
                        p99Microseconds: cost.quantile(0.99) * 1e6
                    )
                )
                print(
                    pad("\(sequences)", 9) + pad("\(blocks)", 9) + pad(caches ? "on" : "off", 15)
                        + pad(format(median), 12) + pad(format(cost.quantile(0.99) * 1e6), 9)
                        + pad(format(median / Double(sequences)), 16)
                )
            }
        }
        try output.write(
            BenchReport(
                benchmark: "scheduler",
                settings: Settings(steps: steps),
                results: rows
            )
        )
    }

    private struct Settings: Encodable {
        let steps: Int
    }

    private struct Row: Encodable {
        let sequences: Int
        let blocks: Int
        let cachesPrefixes: Bool
        let medianMicroseconds: Double
        let p99Microseconds: Double
    }

    /// More sequences in the same pool, then a larger pool for the same sequences.
    private static func cases(steps: Int) -> [(sequences: Int, blocks: Int)] {
        // 256 sequences must reach their end without preemption.
        let pool = max(4096, 256 * ((20 + steps + 2) / 16 + 2))
        return [16, 64, 128, 256].map { ($0, pool) } + [4, 16, 64].map { (256, $0 * pool) }
    }

    private func pad(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func format(_ value: Double) -> String { String(format: "%.2f", value) }
}
