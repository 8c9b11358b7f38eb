import ArgumentParser
import Benchmarking
import Foundation
import Kernels
import Vulkan

/// `pumice bench steps`: what a model's step costs the device, by the number of sequences.
struct BenchSteps: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "steps",
        abstract: "Time a step of the model on the device, by the number of sequences in it.",
        discussion: """
            Steps are run one by one, without the engine; times are the device's own. `% copy` is \
            the share of the measured copy bandwidth at which weights and keys and values are read.
            """
    )

    @OptionGroup var engine: EngineFlags

    @Option(parsing: .upToNextOption, help: "Sequences in a step of single tokens.")
    var batch = [1, 2, 4, 8, 16, 32]

    @Option(help: "Tokens each of them sees.")
    var contextLen = 512

    @Option(parsing: .upToNextOption, help: "Tokens of prompts computed in one step.")
    var inputLen = [128]

    @Option(help: "Runs of each step; one more, which compiles, is not counted.")
    var repeats = 5

    @Flag(help: "Print the steps by kernel, too.")
    var profile = false

    @OptionGroup var output: JSONOption

    func validate() throws {
        let range = 1...4096
        guard batch.allSatisfy({ range.contains($0) }), !batch.isEmpty,
            inputLen.allSatisfy({ (1...65_536).contains($0) }), !inputLen.isEmpty,
            (2...1_048_576).contains(contextLen), (1...1000).contains(repeats)
        else {
            throw ValidationError(
                "--batch is in \(range), --input-len in 1...65536, --context-len starts at 2 and "
                    + "--repeats at 1."
            )
        }
    }

    func run() throws {
        let longest = inputLen.max() ?? 1
        let steps = try StepRunner(
            engine.engineOptions,
            sequences: batch.max() ?? 1,
            contextLength: max(contextLen, longest),
            promptLength: longest
        )
        let ceilings = try KernelWorkbench(steps.library).ceilings()
        let properties = steps.device.properties
        print("device:    \(properties.name) (\(properties.driver))")
        print("model:     \(engine.model), \(steps.weightByteCount >> 20) MiB of weights a step")
        print(
            "ceilings:  \(number(ceilings.copyBytesPerSecond * 1e-9)) GB/s copied, "
                + "\(number(ceilings.fmaFLOPSPerSecond * 1e-9)) GFLOP/s of FMAs"
        )
        print(row("step", ["ms", "tokens/s", "GB/s", "% copy", "GFLOP/s"]))
        var rows: [Row] = []
        for count in batch {
            let step = steps.decode(sequences: count, contextLength: contextLen)
            let bytes =
                steps.weightByteCount
                + steps.cacheByteCount(sequences: count, contextLength: contextLen)
            rows.append(
                Row(
                    kind: "decode",
                    tokens: count,
                    contextLength: contextLen,
                    seconds: try steps.seconds(step, repeats: repeats),
                    bytes: bytes,
                    weights: steps.weightCount,
                    ceilings,
                    profile: profile ? try steps.profile(step, repeats: repeats) : nil
                )
            )
            show(rows[rows.count - 1])
        }
        for length in inputLen {
            let step = steps.prompt(length: length)
            rows.append(
                Row(
                    kind: "prompt",
                    tokens: length,
                    contextLength: length,
                    seconds: try steps.seconds(step, repeats: repeats),
                    bytes: steps.weightByteCount,
                    weights: steps.weightCount,
                    ceilings,
                    profile: profile ? try steps.profile(step, repeats: repeats) : nil
                )
            )
            show(rows[rows.count - 1])
        }
        try output.write(
            BenchReport(
                benchmark: "steps",
                device: properties.name,
                driver: properties.driver,
                model: engine.model,
                settings: Settings(
                    batch: batch,
                    contextLen: contextLen,
                    inputLen: inputLen,
                    repeats: repeats,
                    family: steps.library.family.rawValue,
                    engine: EngineSettings(engine)
                ),
                results: Results(ceilings: ceilings, steps: rows)
            )
        )
    }

    private func show(_ item: Row) {
        let name =
            item.kind == "decode"
            ? "\(item.tokens) sequences of \(item.contextLength)" : "prompt of \(item.tokens)"
        print(
            row(
                name,
                [
                    item.milliseconds, item.tokensPerSecond, item.gigabytesPerSecond,
                    100 * item.copyShare, item.gflopsPerSecond,
                ].map { number($0) }
            )
        )
        if let profile = item.profile { print(profile.table("  " + name)) }
    }

    private struct Settings: Encodable {
        let batch: [Int]
        let contextLen: Int
        let inputLen: [Int]
        let repeats: Int
        let family: String
        let engine: EngineSettings
    }

    private struct Results: Encodable {
        let ceilings: DeviceCeilings
        let steps: [Row]
    }

    private struct Row: Encodable {
        let kind: String
        let tokens: Int
        let contextLength: Int
        let milliseconds: Double
        let tokensPerSecond: Double
        let gigabytesPerSecond: Double
        let copyShare: Double
        let gflopsPerSecond: Double
        let profile: StepProfile?

        private enum CodingKeys: String, CodingKey {
            case kind, tokens, contextLength, tokensPerSecond, copyShare, profile
            case milliseconds = "ms"
            case gigabytesPerSecond = "gb_per_s"
            case gflopsPerSecond = "gflop_per_s"
        }

        init(
            kind: String,
            tokens: Int,
            contextLength: Int,
            seconds: Double,
            bytes: Int,
            weights: Int,
            _ ceilings: DeviceCeilings,
            profile: StepProfile?
        ) {
            self.kind = kind
            self.tokens = tokens
            self.contextLength = contextLength
            milliseconds = seconds * 1000
            tokensPerSecond = Double(tokens) / seconds
            gigabytesPerSecond = Double(bytes) / seconds * 1e-9
            copyShare = Double(bytes) / seconds / ceilings.copyBytesPerSecond
            gflopsPerSecond = 2 * Double(weights) * Double(tokens) / seconds * 1e-9
            self.profile = profile
        }
    }

    private func number(_ value: Double) -> String {
        String(format: value < 1000 ? "%.2f" : "%.0f", value)
    }

    private func row(_ name: String, _ numbers: [String]) -> String {
        name.padding(toLength: 26, withPad: " ", startingAt: 0)
            + numbers.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }
}
