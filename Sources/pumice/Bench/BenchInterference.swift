import ArgumentParser
import Benchmarking
import Foundation
import Inference
import Logging
import Scheduling

/// `pumice bench interference`: what a long prompt does to the streams that are running.
struct BenchInterference: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "interference",
        abstract: "Time between tokens of running streams while a long prompt is computed.",
        discussion: """
            --max-num-batched-tokens bounds how much of the prompt a step computes, and so how \
            long the streams wait for their next token.
            """
    )

    @OptionGroup var engine: EngineFlags

    @Option(help: "Streams that run.")
    var streams = 8

    @Option(help: "Tokens of the long prompt.")
    var inputLen = 8000

    @Option(help: "Seconds the streams run alone, for comparison.")
    var aloneSeconds = 10

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard streams >= 1, streams < engine.maxNumSeqs, inputLen >= 1, aloneSeconds >= 1 else {
            throw ValidationError(
                "--streams must be at least 1 and less than --max-num-seqs; --input-len and "
                    + "--alone-seconds start at 1."
            )
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        let running = try await Engine.start(engine.engineOptions, logger: Logger(label: "pumice"))
        let properties = running.properties
        guard inputLen < properties.maxModelLength else {
            throw ValidationError(
                "--input-len is \(inputLen); a sequence holds \(properties.maxModelLength) tokens."
            )
        }
        let tasks = (1...streams).map { number in
            let length = properties.maxModelLength - 32
            return Task {
                try await running.tokenTimes(prompt: number, promptLength: 32, count: length)
            }
        }
        try await Task.sleep(for: .seconds(aloneSeconds))
        let sent = ContinuousClock.now
        let first = try await running.tokenTimes(prompt: 0, promptLength: inputLen, count: 1)
        guard let answered = first.first else { throw ValidationError("The prompt has no answer.") }
        for task in tasks { task.cancel() }
        var alone: [Double] = []
        var during: [Double] = []
        for task in tasks {
            let times = try await task.value
            for (last, next) in zip(times, times.dropFirst()) where next <= answered {
                let gap = (next - last).inSeconds
                if next < sent { alone.append(gap) } else { during.append(gap) }
            }
        }
        await running.shutDown(grace: .zero)
        let time = (answered - sent).inSeconds
        print("device:            \(properties.deviceName) (\(properties.driverName))")
        print("tokens a step:     \(running.statistics.budget?.batchedTokenCount ?? 0)")
        print("streams:           \(streams)")
        print("inter token alone: \(quantilesInMilliseconds(alone)) ms (p50, p99)")
        print("  beside \(inputLen) tokens: \(quantilesInMilliseconds(during)) ms (p50, p99)")
        print("the long prompt:   \(String(format: "%.1f", time)) s to its first token")
        try output.write(
            BenchReport(
                benchmark: "interference",
                device: properties.deviceName,
                driver: properties.driverName,
                model: engine.model,
                settings: Settings(
                    streams: streams,
                    inputLen: inputLen,
                    aloneSeconds: aloneSeconds,
                    batchedTokens: running.statistics.budget?.batchedTokenCount ?? 0,
                    engine: EngineSettings(engine)
                ),
                results: Results(
                    alone: Distribution(alone),
                    beside: Distribution(during),
                    promptSeconds: time
                )
            )
        )
    }

    private struct Settings: Encodable {
        let streams: Int
        let inputLen: Int
        let aloneSeconds: Int
        let batchedTokens: Int
        let engine: EngineSettings
    }

    private struct Results: Encodable {
        let alone: Distribution?
        let beside: Distribution?
        let promptSeconds: Double

        private enum CodingKeys: String, CodingKey {
            case promptSeconds
            case alone = "inter_token_alone_s"
            case beside = "inter_token_beside_s"
        }
    }
}
