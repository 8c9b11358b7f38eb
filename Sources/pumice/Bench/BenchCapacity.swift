import ArgumentParser
import Benchmarking
import Foundation
import Scheduling

/// `pumice bench capacity`: how many requests run at once in the same KV memory.
struct BenchCapacity: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "capacity",
        abstract: "Compare paged KV memory with memory reserved up front; needs no device."
    )

    @Option(help: "KV blocks of the budget.")
    var numGpuBlocks = 4096

    @Option(help: "Tokens a block holds.")
    var blockSize = 16

    @Option(help: "The most tokens a sequence may hold: what a reservation sets aside.")
    var maxModelLen = 2048

    @Option(help: "Tokens computed in one step.")
    var maxNumBatchedTokens = 2048

    @Option(help: "Sequences that run at once, at most.")
    var maxNumSeqs = 1024

    @Option(help: "Requests, all there from the start.")
    var numPrompts = 2000

    @Option(help: "Names the drawn lengths.")
    var seed: UInt64 = 1

    @Option(help: "A file for the chart.")
    var svg: String?

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard maxModelLen >= 2048, numPrompts >= 1 else {
            throw ValidationError(
                "--max-model-len must be at least 2048, the longest request of the workload."
            )
        }
        guard numGpuBlocks * blockSize >= maxModelLen else {
            throw ValidationError(
                "\(numGpuBlocks) blocks of \(blockSize) do not hold one sequence of "
                    + "\(maxModelLen) tokens."
            )
        }
    }

    func run() throws {
        let prompt = Workload.shareGPTPrompt
        let output = Workload.shareGPTOutput
        let simulation = CapacitySimulation(
            workload: Workload(count: numPrompts, prompt: prompt, output: output, seed: seed),
            limits: Limits(
                runningSequenceCount: maxNumSeqs,
                batchedTokenCount: maxNumBatchedTokens,
                modelLength: maxModelLen,
                blockSize: blockSize,
                blockCount: numGpuBlocks
            )
        )
        let paged = try simulation.paged()
        let reserved = simulation.reserved()
        let caption =
            "\(numPrompts) requests, log-normal lengths: prompts median \(Int(prompt.median)) "
            + "sigma \(prompt.sigma), outputs median \(Int(output.median)) sigma \(output.sigma), "
            + "seed \(seed); \(numGpuBlocks) blocks of \(blockSize), context \(maxModelLen)"
        print(caption)
        print(row("", "reserved", "paged", "ratio"))
        for (name, value) in [
            ("requests at once, mean", \CapacityResult.meanRunningCount),
            ("tokens a step", \.tokensPerStep),
            ("cache holding tokens, %", \.utilizationPercent),
            ("held but empty, %", \.wastePercent),
        ] {
            let (before, after) = (reserved[keyPath: value], paged[keyPath: value])
            print(row(name, format(before), format(after), format(after / before)))
        }
        print(
            row(
                "requests at once, peak",
                "\(reserved.peakRunningCount)",
                "\(paged.peakRunningCount)",
                ""
            )
        )
        print(row("steps", "\(reserved.stepCount)", "\(paged.stepCount)", ""))
        print(row("preemptions", "0", "\(paged.preemptionCount)", ""))
        if let svg {
            try CapacityChart(paged: paged, reserved: reserved, caption: caption).svg
                .write(toFile: svg, atomically: true, encoding: .utf8)
            print("chart: \(svg)")
        }
        try self.output.write(
            BenchReport(
                benchmark: "capacity",
                settings: Settings(
                    numGpuBlocks: numGpuBlocks,
                    blockSize: blockSize,
                    maxModelLen: maxModelLen,
                    maxNumBatchedTokens: maxNumBatchedTokens,
                    maxNumSeqs: maxNumSeqs,
                    numPrompts: numPrompts,
                    seed: seed
                ),
                results: Results(reserved: Outcome(reserved), paged: Outcome(paged))
            )
        )
    }

    private struct Settings: Encodable {
        let numGpuBlocks: Int
        let blockSize: Int
        let maxModelLen: Int
        let maxNumBatchedTokens: Int
        let maxNumSeqs: Int
        let numPrompts: Int
        let seed: UInt64
    }

    private struct Results: Encodable {
        let reserved: Outcome
        let paged: Outcome
    }

    private struct Outcome: Encodable {
        let meanRunning: Double
        let peakRunning: Int
        let tokensPerStep: Double
        let utilization: Double
        let wasteRatio: Double
        let steps: Int
        let preemptions: Int

        init(_ result: CapacityResult) {
            meanRunning = result.meanRunningCount
            peakRunning = result.peakRunningCount
            tokensPerStep = result.tokensPerStep
            utilization = result.utilization
            wasteRatio = result.wasteRatio
            steps = result.stepCount
            preemptions = result.preemptionCount
        }
    }

    private func row(_ cells: String...) -> String {
        let widths = [26, 12, 12, 10]
        return zip(cells, widths).enumerated().map { index, pair in
            let padding = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
            return index == 0 ? pair.0 + padding : padding + pair.0
        }.joined()
    }

    private func format(_ value: Double) -> String { String(format: "%.2f", value) }
}

extension CapacityResult {
    fileprivate var utilizationPercent: Double { 100 * utilization }
    fileprivate var wastePercent: Double { 100 * wasteRatio }
}
