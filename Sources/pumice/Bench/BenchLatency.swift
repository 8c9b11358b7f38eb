import ArgumentParser
import Benchmarking
import Foundation
import Inference
import Logging
import Scheduling

/// `pumice bench latency`: one stream, a prompt and its continuation.
struct BenchLatency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Time a prompt and the tokens after it, one stream, medians of several runs."
    )

    @OptionGroup var engine: EngineFlags

    @Option(help: "Tokens in the prompt.")
    var inputLen = 512

    @Option(help: "Tokens to generate.")
    var outputLen = 64

    @Option(help: "Runs; the first, which compiles, is not counted.")
    var repeats = 5

    @Flag(help: "Time every kernel and print where the steps go.")
    var profile = false

    func validate() throws {
        guard inputLen >= 1, outputLen >= 2, repeats >= 1 else {
            throw ValidationError("--input-len and --repeats start at 1, --output-len at 2.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var options = engine.engineOptions
        options.cachesPrefixes = false
        options.profiles = profile
        let running = try await Engine.start(options, logger: Logger(label: "pumice"))
        let properties = running.properties
        guard inputLen + outputLen <= properties.maxModelLength else {
            throw ValidationError(
                "\(inputLen) + \(outputLen) tokens are more than the context of "
                    + "\(properties.maxModelLength)."
            )
        }
        var prompts: [Double] = []
        var decodes: [Double] = []
        for run in 0...repeats {
            let (prompt, decode) = try await measure(running)
            guard run > 0 else { continue }
            prompts.append(prompt)
            decodes.append(decode)
        }
        let prompt = median(prompts)
        let decode = median(decodes)
        print("device:  \(properties.deviceName) (\(properties.driverName))")
        print("model:   \(engine.model), \(properties.architecture)")
        print(
            "prompt:  \(inputLen) tokens in \(milliseconds(prompt)) ms, "
                + "\(rate(Double(inputLen) / prompt)) tokens/s"
        )
        print(
            "decode:  \(milliseconds(decode / Double(outputLen - 1))) ms a token, "
                + "\(rate(Double(outputLen - 1) / decode)) tokens/s"
        )
        if profile { printKernelTimes(running.kernelTimes) }
        await running.shutDown(grace: .zero)
    }

    /// Seconds until the first token, and from it to the last.
    private func measure(_ running: Engine) async throws -> (prompt: Double, decode: Double) {
        let vocabulary = TokenID(running.properties.vocabularySize)
        let prompt = (0..<TokenID(inputLen)).map { ($0 &* 2_654_435_761) % vocabulary }
        let start = ContinuousClock.now
        var first: ContinuousClock.Instant?
        for await event in try running.generate(
            GenerationRequest(
                promptTokens: prompt,
                sampling: .greedy,
                stopping: StopConditions(maxTokens: outputLen)
            )
        ) {
            if case .token = event, first == nil { first = .now }
            if case .failed(let error) = event { throw error }
        }
        let firstToken = first ?? start
        return ((firstToken - start).inSeconds, (ContinuousClock.now - firstToken).inSeconds)
    }

    private func printKernelTimes(_ times: [String: KernelTime]) {
        let total = times.values.reduce(0) { $0 + $1.nanoseconds }
        print("kernels, all runs:")
        for (name, time) in times.sorted(by: { $0.value.nanoseconds > $1.value.nanoseconds }) {
            let share = Int((100 * time.nanoseconds / total).rounded())
            print(
                "  \(name): \(time.dispatchCount) dispatches, "
                    + "\(milliseconds(time.nanoseconds * 1e-9)) ms, \(share) %"
            )
        }
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    private func milliseconds(_ seconds: Double) -> String { rate(seconds * 1000) }
    private func rate(_ value: Double) -> String { String(format: "%.1f", value) }
}
