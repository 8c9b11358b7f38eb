import ArgumentParser
import Benchmarking
import Foundation
import Inference
import Logging
import Scheduling
import Tokenization

/// `pumice bench speculation`: what guessed tokens gain where a text repeats itself.
struct BenchSpeculation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "speculation",
        abstract: "Time one stream that goes on with a repeated text, with and without guesses.",
        discussion: """
            How tokens are guessed is said by --speculative-config; by default they are looked up.
            """
    )

    @OptionGroup var engine: EngineFlags

    @Option(help: "Tokens of the passage that is repeated.")
    var passageLen = 64

    @Option(help: "How often the prompt has it.")
    var copies = 3

    @Option(
        parsing: .upToNextOption,
        help: "Texts to go on with, a run each, in turns, instead of repeated passages."
    )
    var prompt: [String] = []

    @Option(help: "The temperature at which tokens are drawn; 0 takes the most probable ones.")
    var temperature: Float = 0

    @Option(help: "Tokens to generate.")
    var outputLen = 128

    @Option(help: "Runs with guesses and without, in turns, each over another passage or text.")
    var repeats = 5

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard passageLen >= 8, copies >= 1, outputLen >= 2, repeats >= 1, (0...2) ~= temperature
        else {
            throw ValidationError(
                "--passage-len starts at 8, --output-len at 2, --copies and --repeats at 1, and "
                    + "--temperature is in 0...2."
            )
        }
    }

    func run() async throws {
        LoggingSystem.bootstrap(StreamLogHandler.standardError)
        var options = engine.engineOptions
        options.cachesPrefixes = false
        let policy = options.drafting ?? DraftPolicy(draftTokenCount: 7)
        let logger = Logger(label: "pumice")
        let draftModel = options.draftModelPath
        options.drafting = nil
        options.draftModelPath = nil
        let plain = try await Engine.start(options, logger: logger)
        options.drafting = policy
        options.draftModelPath = draftModel
        let texts = try texts()
        let guessing = try await Engine.start(options, logger: logger)
        var plainRates: [Double] = []
        var guessingRates: [Double] = []
        for run in 0...repeats {
            let (expected, plainRate) = try await generate(plain, run: run, texts)
            let (tokens, guessingRate) = try await generate(guessing, run: run, texts)
            guard tokens == expected else { throw BenchError.guessesChangedTokens(run) }
            // The first run compiles.
            guard run > 0 else { continue }
            plainRates.append(plainRate)
            guessingRates.append(guessingRate)
        }
        let properties = plain.properties
        let drafts = guessing.statistics.drafts ?? DraftStatistics()
        await plain.shutDown(grace: .zero)
        await guessing.shutDown(grace: .zero)
        let results = Results(
            plainTokensPerSecond: median(plainRates),
            tokensPerSecond: median(guessingRates),
            ratio: median(guessingRates) / median(plainRates),
            draftTokens: drafts.draftTokenCount,
            acceptedTokens: drafts.acceptedTokenCount
        )
        print("device:   \(properties.deviceName) (\(properties.driverName))")
        print(
            texts.isEmpty
                ? "prompt:   \(passageLen) tokens, \(copies) times; \(outputLen) more, all equal"
                : "prompt:   \(texts.count) texts; \(outputLen) tokens more, all equal"
        )
        print("without:  \(format(results.plainTokensPerSecond)) tokens/s")
        print(
            "with:     \(format(results.tokensPerSecond)) tokens/s, "
                + "\(drafts.acceptedTokenCount) of \(drafts.draftTokenCount) guesses right"
        )
        print("ratio:    \(format(results.ratio))")
        try output.write(
            BenchReport(
                benchmark: "speculation",
                device: properties.deviceName,
                driver: properties.driverName,
                model: engine.model,
                settings: Settings(
                    passageLen: passageLen,
                    copies: copies,
                    outputLen: outputLen,
                    repeats: repeats,
                    prompts: texts.count,
                    temperature: temperature,
                    draftModel: draftModel,
                    speculativeTokens: policy.draftTokenCount,
                    engine: EngineSettings(engine)
                ),
                results: results
            )
        )
    }

    private struct Settings: Encodable {
        let passageLen: Int
        let copies: Int
        let outputLen: Int
        let repeats: Int
        let prompts: Int
        let temperature: Float
        let draftModel: String?
        let speculativeTokens: Int
        let engine: EngineSettings
    }

    private struct Results: Encodable {
        let plainTokensPerSecond: Double
        let tokensPerSecond: Double
        let ratio: Double
        let draftTokens: Int
        let acceptedTokens: Int
    }

    private enum BenchError: Error, CustomStringConvertible {
        case guessesChangedTokens(Int)

        var description: String {
            switch self {
            case .guessesChangedTokens(let run):
                "Run \(run): the tokens with guesses are not those without. In the GPU family that "
                    + "takes --batch-invariant; else it is a fault of ours."
            }
        }
    }

    /// The tokens of the texts to go on with.
    private func texts() throws -> [[TokenID]] {
        guard !prompt.isEmpty else { return [] }
        let tokenizer = try ModelText(path: engine.model).tokenizer
        return prompt.map { tokenizer.encode($0, addSpecialTokens: true) }
    }

    /// The tokens after a text, or after a passage that was repeated, and their rate after the
    /// first.
    private func generate(
        _ running: Engine,
        run: Int,
        _ texts: [[TokenID]]
    ) async throws -> (tokens: [TokenID], rate: Double) {
        let passage = (0..<passageLen).map { running.meaninglessToken($0, prompt: run) }
        let text =
            texts.isEmpty
            ? Array(repeatElement(passage, count: copies).joined()) : texts[run % texts.count]
        var tokens: [TokenID] = []
        var first = ContinuousClock.now
        for await event in try running.generate(
            GenerationRequest(
                promptTokens: text,
                sampling: SamplingParameters(temperature: temperature, seed: UInt64(run)),
                stopping: StopConditions(maxTokens: outputLen)
            )
        ) {
            switch event {
            case .token(_, let token):
                if tokens.isEmpty { first = .now }
                tokens.append(token.id)
            case .failed(let error): throw error
            case .prompt, .embedding, .finished: break
            }
        }
        return (tokens, Double(tokens.count - 1) / (ContinuousClock.now - first).inSeconds)
    }

    private func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
    private func format(_ value: Double) -> String { String(format: "%.2f", value) }
}
