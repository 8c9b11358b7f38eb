import ArgumentParser
import Benchmarking
import Foundation
import Inference
import Logging
import Scheduling

/// `pumice bench prefix`: what a system prompt costs again.
struct BenchPrefix: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prefix",
        abstract: "Time to first token of requests that share a long system prompt."
    )

    @OptionGroup var engine: EngineFlags

    @Option(help: "Tokens of the shared system prompt.")
    var prefixLen = 1000

    @Option(help: "Tokens of each request's own question.")
    var suffixLen = 20

    @Option(help: "System prompts; each is asked twice.")
    var repeats = 3

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard prefixLen >= 1, suffixLen >= 1, repeats >= 1 else {
            throw ValidationError("--prefix-len, --suffix-len and --repeats start at 1.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let running = try await Engine.start(
            engine.engineOptions,
            logger: Logger(label: "pumice")
        )
        let properties = running.properties
        guard prefixLen + suffixLen < properties.maxModelLength else {
            throw ValidationError(
                "\(prefixLen) + \(suffixLen) tokens are beyond the context of "
                    + "\(properties.maxModelLength)."
            )
        }
        // The first prompt compiles what the warm-up did not.
        _ = try await timeToFirstToken(running, prefix: 0, question: 0)
        var firsts: [Double] = []
        var seconds: [Double] = []
        var cached = 0
        for prefix in 1...repeats {
            firsts.append(try await timeToFirstToken(running, prefix: prefix, question: 1).seconds)
            let again = try await timeToFirstToken(running, prefix: prefix, question: 2)
            seconds.append(again.seconds)
            cached = again.cachedTokenCount
        }
        await running.shutDown(grace: .zero)
        let (first, second) = (firsts.sorted()[repeats / 2], seconds.sorted()[repeats / 2])
        print("device:  \(properties.deviceName) (\(properties.driverName))")
        print("prompt:  \(prefixLen) shared tokens and \(suffixLen) of each request's own")
        print("first:   \(format(first * 1000)) ms to the first token")
        print("second:  \(format(second * 1000)) ms, \(cached) tokens from the prefix cache")
        print("ratio:   \(format(first / second))")
        try output.write(
            BenchReport(
                benchmark: "prefix",
                device: properties.deviceName,
                driver: properties.driverName,
                model: engine.model,
                settings: Settings(
                    prefixLen: prefixLen,
                    suffixLen: suffixLen,
                    repeats: repeats,
                    engine: EngineSettings(engine)
                ),
                results: Results(
                    firstSeconds: first,
                    secondSeconds: second,
                    cachedTokens: cached,
                    ratio: first / second
                )
            )
        )
    }

    private struct Settings: Encodable {
        let prefixLen: Int
        let suffixLen: Int
        let repeats: Int
        let engine: EngineSettings
    }

    private struct Results: Encodable {
        let firstSeconds: Double
        let secondSeconds: Double
        let cachedTokens: Int
        let ratio: Double
    }

    /// Seconds until the first token, and how many prompt tokens were in the cache.
    private func timeToFirstToken(
        _ running: Engine,
        prefix: Int,
        question: Int
    ) async throws -> (seconds: Double, cachedTokenCount: Int) {
        let tokens =
            (0..<prefixLen).map { token($0, seed: 2 * prefix, running) }
            + (0..<suffixLen).map { token($0, seed: 2 * question + 1, running) }
        let start = ContinuousClock.now
        var seconds = 0.0
        var cached = 0
        for await event in try running.generate(
            GenerationRequest(
                promptTokens: tokens,
                sampling: .greedy,
                stopping: StopConditions(maxTokens: 1)
            )
        ) {
            switch event {
            case .prompt(let count, _): cached = count
            case .token: seconds = (ContinuousClock.now - start).inSeconds
            case .failed(let error): throw error
            case .finished, .embedding: break
            }
        }
        return (seconds, cached)
    }

    private func token(_ index: Int, seed: Int, _ running: Engine) -> TokenID {
        running.meaninglessToken(index, prompt: seed)
    }

    private func format(_ value: Double) -> String { String(format: "%.1f", value) }
}
