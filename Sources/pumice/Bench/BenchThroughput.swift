import ArgumentParser
import Benchmarking
import Foundation
import Inference
import Logging
import Scheduling

/// `pumice bench throughput`: many requests at once, without HTTP.
struct BenchThroughput: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "throughput",
        abstract: "Run many requests at once: tokens a second, latencies, the device's idle share."
    )

    @OptionGroup var engine: EngineFlags

    @Option(help: "Requests, all sent at the start.")
    var numPrompts = 32

    @Option(help: "Tokens in the prompts: 64 (all alike), 32-96 (uniform) or sharegpt.")
    var inputLen = "64"

    @Option(help: "Tokens to generate, likewise.")
    var outputLen = "64"

    @Option(help: "Names the drawn lengths.")
    var seed: UInt64 = 1

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard (1...1_000_000).contains(numPrompts) else {
            throw ValidationError("--num-prompts starts at 1.")
        }
        _ = try items()
    }

    private func items() throws -> [Workload.Item] {
        let (input, output) = try LengthFlags.read(input: inputLen, output: outputLen)
        return Workload(count: numPrompts, prompt: input, output: output, seed: seed).items
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let items = try items()
        let promptTokens = items.reduce(0) { $0 + $1.promptLength }
        let outputTokens = items.reduce(0) { $0 + $1.outputLength }
        var options = engine.engineOptions
        options.waitingRequestCount = max(options.waitingRequestCount, numPrompts)
        options.waitingPromptTokenCount = max(
            options.waitingPromptTokenCount,
            promptTokens
        )
        let running = try await Engine.start(options, logger: Logger(label: "pumice"))
        // Compiles what the warm-up did not.
        _ = try await run(running, items[0], number: 0)
        let before = running.statistics
        let start = ContinuousClock.now
        var firsts: [Double] = []
        var gaps: [Double] = []
        try await withThrowingTaskGroup(of: [Double].self) { group in
            for (index, item) in items.enumerated() {
                group.addTask { try await run(running, item, number: index + 1) }
            }
            for try await times in group {
                firsts.append(times.first ?? 0)
                gaps += zip(times, times.dropFirst()).map { $1 - $0 }
            }
        }
        let seconds = (ContinuousClock.now - start).inSeconds
        let after = running.statistics
        await running.shutDown(grace: .zero)
        let idle = after.deviceIdleSeconds - before.deviceIdleSeconds
        let busy = after.deviceBusySeconds - before.deviceBusySeconds
        let properties = running.properties
        let rate = Double(outputTokens) / seconds
        let idleShare = idle / max(idle + busy, 1e-9)
        print("device:       \(properties.deviceName) (\(properties.driverName))")
        print(
            "requests:     \(numPrompts) of \(inputLen) + \(outputLen) tokens, "
                + "\(promptTokens) + \(outputTokens) in all"
        )
        print("time:         \(format(seconds)) s, \(after.stepCount - before.stepCount) steps")
        print("output:       \(format(rate)) tokens/s")
        print("first token:  \(quantilesInMilliseconds(firsts)) ms (p50, p99)")
        print("inter token:  \(quantilesInMilliseconds(gaps)) ms (p50, p99)")
        print("device idle:  \(format(100 * idleShare)) % of its time")
        print("preemptions:  \(after.preemptionCount - before.preemptionCount)")
        try output.write(
            BenchReport(
                benchmark: "throughput",
                device: properties.deviceName,
                driver: properties.driverName,
                model: engine.model,
                settings: Settings(
                    numPrompts: numPrompts,
                    inputLen: inputLen,
                    outputLen: outputLen,
                    seed: seed,
                    lengths: items.map { [$0.promptLength, $0.outputLength] },
                    engine: EngineSettings(engine)
                ),
                results: Results(
                    seconds: seconds,
                    steps: after.stepCount - before.stepCount,
                    outputTokensPerSecond: rate,
                    firstToken: Distribution(firsts),
                    interToken: Distribution(gaps),
                    deviceIdleShare: idleShare,
                    preemptions: after.preemptionCount - before.preemptionCount
                )
            )
        )
    }

    private struct Settings: Encodable {
        let numPrompts: Int
        let inputLen: String
        let outputLen: String
        let seed: UInt64
        /// Of every request: prompt, output.
        let lengths: [[Int]]
        let engine: EngineSettings
    }

    private struct Results: Encodable {
        let seconds: Double
        let steps: Int
        let outputTokensPerSecond: Double
        let firstToken: Distribution?
        let interToken: Distribution?
        let deviceIdleShare: Double
        let preemptions: Int

        private enum CodingKeys: String, CodingKey {
            case seconds, steps, outputTokensPerSecond, deviceIdleShare, preemptions
            case firstToken = "first_token_s"
            case interToken = "inter_token_s"
        }
    }

    /// Seconds from the request to each of its tokens.
    private func run(
        _ running: Engine,
        _ item: Workload.Item,
        number: Int
    ) async throws -> [Double] {
        let start = ContinuousClock.now
        return try await running.tokenTimes(
            prompt: number,
            promptLength: item.promptLength,
            count: item.outputLength
        ).map { ($0 - start).inSeconds }
    }

    private func format(_ value: Double) -> String { String(format: "%.1f", value) }
}
