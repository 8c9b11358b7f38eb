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

    @Flag(help: "Print where a step of the prompt and one of a single token go, kernel by kernel.")
    var profile = false

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard inputLen >= 1, outputLen >= 2, repeats >= 1 else {
            throw ValidationError("--input-len and --repeats start at 1, --output-len at 2.")
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var options = engine.engineOptions
        options.cachesPrefixes = false
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
        await running.shutDown(grace: .zero)
        let profiles = profile ? try profileSteps(running, options) : nil
        if let profiles {
            print(profiles.prompt.table("a step of \(profiles.promptLength) prompt tokens"))
            print(profiles.decode.table("a step of one token after \(inputLen)"))
        }
        try output.write(
            BenchReport(
                benchmark: "latency",
                device: properties.deviceName,
                driver: properties.driverName,
                model: engine.model,
                settings: Settings(
                    inputLen: inputLen,
                    outputLen: outputLen,
                    repeats: repeats,
                    engine: EngineSettings(engine)
                ),
                results: Results(
                    promptSeconds: Distribution(prompts),
                    promptTokensPerSecond: Double(inputLen) / prompt,
                    decodeMillisecondsPerToken: Distribution(
                        decodes.map { 1000 * $0 / Double(outputLen - 1) }
                    ),
                    decodeTokensPerSecond: Double(outputLen - 1) / decode,
                    profiles: profiles
                )
            )
        )
    }

    private struct Settings: Encodable {
        let inputLen: Int
        let outputLen: Int
        let repeats: Int
        let engine: EngineSettings
    }

    private struct Results: Encodable {
        let promptSeconds: Distribution?
        let promptTokensPerSecond: Double
        let decodeMillisecondsPerToken: Distribution?
        let decodeTokensPerSecond: Double
        let profiles: Profiles?

        private enum CodingKeys: String, CodingKey {
            case promptTokensPerSecond, decodeTokensPerSecond, profiles
            case promptSeconds = "prompt_s"
            case decodeMillisecondsPerToken = "decode_ms_per_token"
        }
    }

    private struct Profiles: Encodable {
        let promptLength: Int
        let prompt: StepProfile
        let decode: StepProfile
    }

    /// The kernels of a full step of the prompt and of a step of one token, on a device and a model
    /// opened for that alone.
    private func profileSteps(_ running: Engine, _ options: EngineOptions) throws -> Profiles {
        let length = min(inputLen, running.statistics.budget?.batchedTokenCount ?? inputLen)
        let steps = try StepRunner(
            options,
            sequences: 1,
            contextLength: inputLen + 1,
            promptLength: length
        )
        return Profiles(
            promptLength: length,
            prompt: try steps.profile(steps.prompt(length: length), repeats: repeats),
            decode: try steps.profile(
                steps.decode(sequences: 1, contextLength: inputLen + 1),
                repeats: repeats
            )
        )
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

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    private func milliseconds(_ seconds: Double) -> String { rate(seconds * 1000) }
    private func rate(_ value: Double) -> String { String(format: "%.1f", value) }
}
