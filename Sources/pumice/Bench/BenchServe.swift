import ArgumentParser
import Benchmarking
import Foundation

/// `pumice bench serve`: a load of clients against any OpenAI-compatible server.
struct BenchServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Put a load on a running server, Pumice or another, and time its streams.",
        discussion: """
            Lengths are `200` (all alike), `100-300` (uniform) or `sharegpt` (log-normal, as long \
            as those of real conversations). Every request is streamed on a connection of its own.
            """
    )

    @Option(help: "The server, over plain HTTP; /v1 where it has no path.")
    var baseURL = "http://127.0.0.1:8000/v1"

    @Option(help: "The key to send; also OPENAI_API_KEY.")
    var apiKey: String?

    @Option(help: "The model to ask; by default the first that the server lists.")
    var model: String?

    @Option(help: "completions or chat.")
    var endpoint = LoadClient.Endpoint.completions

    @Option(
        help: """
            How prompts are sent: tokens (ids, in exact numbers) or words (as many as make that \
            many tokens, by the server's own count); by default tokens where the server takes them.
            """
    )
    var prompts: PromptSource.Kind?

    @Option(help: "Requests that count.")
    var numPrompts = 100

    @Option(help: "Requests sent before, one after the other, that do not count.")
    var numWarmups = 1

    @Option(help: "Tokens of the prompts.")
    var inputLen = "200"

    @Option(help: "Tokens to generate.")
    var outputLen = "64"

    @Option(help: "Requests on their way at once, at most; by default no bound.")
    var maxConcurrency: Int?

    @Option(help: "Requests a second, arriving by chance (Poisson); by default all at once.")
    var requestRate: Double?

    @Flag(inversion: .prefixedNo, help: "Ask for outputs of full length with ignore_eos.")
    var ignoreEos = true

    @Option(
        help: """
            Names the lengths, the prompts and the times of arrival; by default another each time, \
            for a server answers prompts that it has seen from its prefix cache.
            """
    )
    var seed: UInt64?

    @Option(help: "Seconds a request may take.")
    var timeout = 600

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard (1...1_000_000).contains(numPrompts), (0...10_000).contains(numWarmups),
            (1...100_000).contains(maxConcurrency ?? 1), (1...86_400).contains(timeout),
            requestRate ?? 1 > 0
        else {
            throw ValidationError(
                "--num-prompts, --max-concurrency, --timeout and --request-rate start above 0."
            )
        }
        if prompts == .tokens, endpoint == .chat {
            throw ValidationError("A chat takes no token ids: leave --prompts out.")
        }
        _ = try lengths()
        _ = try address()
    }

    private func address() throws -> ServerAddress {
        do { return try ServerAddress(baseURL) } catch { throw ValidationError("\(error)") }
    }

    private func lengths() throws -> (input: LengthDistribution, output: LengthDistribution) {
        try LengthFlags.read(input: inputLen, output: outputLen)
    }

    func run() async throws {
        let address = try address()
        let key = apiKey ?? ProcessInfo.processInfo.environment["OPENAI_API_KEY"]
        let name: String
        if let model {
            name = model
        } else {
            name = try await LoadClient.firstModel(at: address, apiKey: key)
        }
        let client = LoadClient(
            address: address,
            endpoint: endpoint,
            apiKey: key,
            model: name,
            ignoresEnd: ignoreEos,
            timeout: .seconds(timeout)
        )
        // As many digits as one types again.
        let seed = seed ?? .random(in: 1..<1_000_000_000)
        let source = try await PromptSource.calibrated(prompts, seed: seed, client: client)
        let (input, output) = try lengths()
        let workload = Workload(count: numPrompts, prompt: input, output: output, seed: seed)
        let warmUp = Load(
            items: Workload(count: numWarmups, prompt: input, output: output, seed: ~seed).items,
            maxConcurrency: 1,
            seed: seed
        )
        _ = await warmUp.run(client, source, firstNumber: numPrompts)
        let load = Load(
            items: workload.items,
            maxConcurrency: maxConcurrency,
            requestRate: requestRate,
            seed: seed
        )
        let report = LoadReport(await load.run(client, source))
        print("server:    \(baseURL), \(endpoint.rawValue), model \(name)")
        print("load:      \(numPrompts) requests, \(pace), prompts as \(source.kind.rawValue)")
        print("lengths:   \(input) in, \(output) out, seed \(seed)")
        print(report.table)
        try self.output.write(
            BenchReport(
                benchmark: "serve",
                model: name,
                settings: settings(source, input, output, seed),
                results: report
            )
        )
        if report.completed == 0 { throw ExitCode.failure }
    }

    private var pace: String {
        let most = maxConcurrency.map { "\($0) at once" } ?? "no bound on how many at once"
        return requestRate.map { "\($0) a second, \(most)" } ?? most
    }

    private func settings(
        _ source: PromptSource,
        _ input: LengthDistribution,
        _ output: LengthDistribution,
        _ seed: UInt64
    ) -> Settings {
        Settings(
            baseURL: baseURL,
            endpoint: endpoint,
            prompts: source.kind,
            tokensPerWord: source.kind == .words ? source.perWord : nil,
            numPrompts: numPrompts,
            numWarmups: numWarmups,
            inputLen: "\(input)",
            outputLen: "\(output)",
            maxConcurrency: maxConcurrency,
            requestRate: requestRate,
            ignoreEos: ignoreEos,
            seed: seed
        )
    }

    private struct Settings: Encodable {
        let baseURL: String
        let endpoint: LoadClient.Endpoint
        let prompts: PromptSource.Kind
        let tokensPerWord: Double?
        let numPrompts: Int
        let numWarmups: Int
        let inputLen: String
        let outputLen: String
        let maxConcurrency: Int?
        let requestRate: Double?
        let ignoreEos: Bool
        let seed: UInt64
    }
}
