import ArgumentParser
import Benchmarking
import Foundation
import Grammars
import Inference
import OpenAIServer

/// `pumice bench grammar`: what constrained outputs cost.
struct BenchGrammar: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grammar",
        abstract: "Time streams with and without a JSON schema that their outputs must satisfy.",
        discussion: """
            Both kinds of streams take turns, on the server's routes without HTTP; figures are \
            medians. The schema's outputs cannot end, so that all streams generate as many tokens.
            """
    )

    @OptionGroup var engine: EngineFlags

    @OptionGroup var store: StoreFlags

    @Option(help: "Streams at once.")
    var streams = 16

    @Option(help: "Tokens each generates.")
    var outputLen = 64

    @Option(
        help: "Rounds of both kinds; one more, which compiles and fills caches, is not counted."
    )
    var repeats = 3

    @OptionGroup var output: JSONOption

    /// Names, numbers, dates, words of a list and nested objects, without an end.
    private static let schema = """
        {"type": "array", "minItems": 1000000, "items": {"type": "object", "properties": {
         "name": {"type": "string", "maxLength": 40}, "age": {"type": "integer", "minimum": 0},
         "born": {"type": "string", "format": "date"}, "kind": {"enum": ["tall", "old", "kind"]},
         "address": {"type": "object", "properties": {"street": {"type": "string"},
          "zip": {"type": "string", "pattern": "^[0-9]{5}$"}}, "required": ["street", "zip"],
          "additionalProperties": false}},
         "required": ["name", "age", "born", "kind", "address"], "additionalProperties": false}}
        """

    func validate() throws {
        guard (1...1024).contains(streams), (2...65_536).contains(outputLen),
            (1...100).contains(repeats)
        else {
            throw ValidationError(
                "--streams is in 1...1024, --output-len starts at 2, --repeats at 1."
            )
        }
    }

    func run() async throws {
        let session = try await LocalSession(engine.engineOptions, store: store)
        _ = try await round(session, isConstrained: false)
        _ = try await round(session, isConstrained: true)
        var free: [Round] = []
        var constrained: [Round] = []
        for _ in 0..<repeats {
            free.append(try await round(session, isConstrained: false))
            constrained.append(try await round(session, isConstrained: true))
        }
        let properties = session.engine.properties
        await session.end()
        let results = Results(free: Figures(free), constrained: Figures(constrained))
        print("device:       \(properties.deviceName) (\(properties.driverName))")
        print("streams:      \(streams) of \(outputLen) tokens, medians of \(repeats) rounds")
        show("free", results.free)
        show("constrained", results.constrained)
        print("cost:         \(String(format: "%.1f", 100 * results.cost)) % of a token's time")
        try output.write(
            BenchReport(
                benchmark: "grammar",
                device: properties.deviceName,
                driver: properties.driverName,
                model: engine.model,
                settings: Settings(
                    streams: streams,
                    outputLen: outputLen,
                    repeats: repeats,
                    schema: Self.schema,
                    engine: EngineSettings(engine)
                ),
                results: results
            )
        )
    }

    /// All streams at once.
    private struct Round {
        let seconds: Double
        let steps: Int
        let deviceSeconds: Double
        let tokens: Int
    }

    private func round(_ session: LocalSession, isConstrained: Bool) async throws -> Round {
        let before = session.engine.statistics
        let start = ContinuousClock.now
        let tokens = try await withThrowingTaskGroup(of: Int.self) { group in
            for stream in 0..<streams {
                let body = body(stream: stream, isConstrained: isConstrained)
                group.addTask { try await Self.tokenCount(of: body, on: session.server) }
            }
            return try await group.reduce(0, +)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let after = session.engine.statistics
        guard tokens == streams * outputLen else {
            throw ValidationError("\(tokens) tokens came of \(streams) x \(outputLen).")
        }
        return Round(
            seconds: seconds,
            steps: after.stepCount - before.stepCount,
            deviceSeconds: after.deviceBusySeconds - before.deviceBusySeconds,
            tokens: tokens
        )
    }

    private func body(stream: Int, isConstrained: Bool) -> [UInt8] {
        let constraint = isConstrained ? #","structured_outputs":{"json":\#(Self.schema)}"# : ""
        return Array(
            """
            {"prompt":"Person \(stream):","max_tokens":\(outputLen),"ignore_eos":true,\
            "seed":\(stream),"temperature":1\(constraint)}
            """.utf8
        )
    }

    private static func tokenCount(of body: [UInt8], on server: LocalServer) async throws -> Int {
        let answer = try await server.post("/v1/completions", body)
        let text = try await answer.body()
        guard answer.status == 200,
            case .number(let count)? =
                try JSONValue(parsing: text)["usage"]?["completion_tokens"]
        else { throw ValidationError(String(decoding: text, as: UTF8.self)) }
        return Int(count) ?? 0
    }

    private func show(_ name: String, _ figures: Figures) {
        let label = (name + ":").padding(toLength: 14, withPad: " ", startingAt: 0)
        print(
            label + String(format: "%.1f", figures.tokensPerSecond) + " tokens/s, "
                + String(format: "%.2f", figures.millisecondsPerStep) + " ms a step, of which the "
                + "device worked \(String(format: "%.2f", figures.deviceMillisecondsPerStep)); "
                + String(format: "%.1f", figures.sequencesPerStep) + " sequences a step"
        )
    }

    private struct Settings: Encodable {
        let streams: Int
        let outputLen: Int
        let repeats: Int
        let schema: String
        let engine: EngineSettings
    }

    private struct Figures: Encodable {
        let tokensPerSecond: Double
        let millisecondsPerStep: Double
        let deviceMillisecondsPerStep: Double
        let sequencesPerStep: Double

        init(_ rounds: [Round]) {
            func median(_ value: (Round) -> Double) -> Double {
                let sorted = rounds.map(value).sorted()
                return sorted[sorted.count / 2]
            }
            tokensPerSecond = median { Double($0.tokens) / $0.seconds }
            millisecondsPerStep = median { 1000 * $0.seconds / Double($0.steps) }
            deviceMillisecondsPerStep = median { 1000 * $0.deviceSeconds / Double($0.steps) }
            sequencesPerStep = median { Double($0.tokens) / Double($0.steps) }
        }

        private enum CodingKeys: String, CodingKey {
            case tokensPerSecond, sequencesPerStep
            case millisecondsPerStep = "ms_per_step"
            case deviceMillisecondsPerStep = "device_ms_per_step"
        }
    }

    private struct Results: Encodable {
        let free: Figures
        let constrained: Figures
        /// What a token takes longer, as a share.
        let cost: Double

        init(free: Figures, constrained: Figures) {
            self.free = free
            self.constrained = constrained
            cost = free.tokensPerSecond / constrained.tokensPerSecond - 1
        }
    }
}
