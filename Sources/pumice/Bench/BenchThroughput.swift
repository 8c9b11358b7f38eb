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

    @Option(help: "Tokens in each prompt.")
    var inputLen = 64

    @Option(help: "Tokens to generate for each.")
    var outputLen = 64

    func validate() throws {
        guard numPrompts >= 1, inputLen >= 1, outputLen >= 2 else {
            throw ValidationError("--num-prompts and --input-len start at 1, --output-len at 2.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var options = engine.engineOptions
        options.waitingRequestCount = max(options.waitingRequestCount, numPrompts)
        options.waitingPromptTokenCount = max(
            options.waitingPromptTokenCount,
            numPrompts * inputLen
        )
        let running = try await Engine.start(options, logger: Logger(label: "pumice"))
        // Compiles what the warm-up did not.
        _ = try await run(running, number: 0)
        let before = running.statistics
        let start = ContinuousClock.now
        var firsts: [Double] = []
        var gaps: [Double] = []
        try await withThrowingTaskGroup(of: [Double].self) { group in
            for number in 1...numPrompts {
                group.addTask { try await run(running, number: number) }
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
        let output = Double(numPrompts * outputLen)
        print("device:       \(properties.deviceName) (\(properties.driverName))")
        print("requests:     \(numPrompts) of \(inputLen) + \(outputLen) tokens")
        print("time:         \(format(seconds)) s, \(after.stepCount - before.stepCount) steps")
        print("output:       \(format(output / seconds)) tokens/s")
        print("first token:  \(quantilesInMilliseconds(firsts)) ms (p50, p99)")
        print("inter token:  \(quantilesInMilliseconds(gaps)) ms (p50, p99)")
        print("device idle:  \(format(100 * idle / max(idle + busy, 1e-9))) % of its time")
        print("preemptions:  \(after.preemptionCount - before.preemptionCount)")
    }

    /// Seconds from the request to each of its tokens.
    private func run(_ running: Engine, number: Int) async throws -> [Double] {
        let start = ContinuousClock.now
        return try await running.tokenTimes(
            prompt: number,
            promptLength: inputLen,
            count: outputLen
        ).map { ($0 - start).inSeconds }
    }

    private func format(_ value: Double) -> String { String(format: "%.1f", value) }
}
