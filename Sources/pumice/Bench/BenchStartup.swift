import ArgumentParser
import Benchmarking
import Foundation

/// `pumice bench startup`: how long a server takes to begin.
struct BenchStartup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "startup",
        abstract: "Time a server from its start until it is ready, and until its first token.",
        discussion: """
            Starts this program's `serve` as a child on a free port, several times; the first run, \
            which brings the weights into the page cache and compiles shaders, is not counted.
            """
    )

    @Option(help: "The model: a GGUF file.")
    var model: String

    @Option(help: "Runs that count.")
    var repeats = 5

    @Option(help: "A program to start the server with, such as .toolchain/bin/vkrun.")
    var launcher: String?

    @Option(help: "Seconds a run may take.")
    var timeout = 600

    @Argument(parsing: .postTerminator, help: "After `--`: further flags for `serve`.")
    var flags: [String] = []

    @OptionGroup var output: JSONOption

    func validate() throws {
        guard (1...1000).contains(repeats), (1...86_400).contains(timeout) else {
            throw ValidationError("--repeats and --timeout start at 1.")
        }
    }

    func run() async throws {
        var ready: [Double] = []
        var first: [Double] = []
        var line = ""
        for run in 0...repeats {
            let times = try await ServerStart.measure(command, timeout: .seconds(timeout))
            line = times.readyLine
            guard run > 0 else { continue }
            ready.append(times.ready)
            first.append(times.firstToken)
        }
        let results = Results(
            ready: Distribution(ready),
            firstToken: Distribution(first),
            readyLine: line
        )
        print(line)
        print("ready:        \(median(ready)) s after its start, median of \(repeats)")
        print("first token:  \(median(first)) s after its start")
        try output.write(
            BenchReport(
                benchmark: "startup",
                model: model,
                settings: Settings(repeats: repeats, launcher: launcher, flags: flags),
                results: results
            )
        )
    }

    private struct Settings: Encodable {
        let repeats: Int
        let launcher: String?
        let flags: [String]
    }

    private struct Results: Encodable {
        let ready: Distribution?
        let firstToken: Distribution?
        let readyLine: String

        private enum CodingKeys: String, CodingKey {
            case readyLine
            case ready = "ready_s"
            case firstToken = "first_token_s"
        }
    }

    /// The child's command line. On Linux a program that was started through a loader, as vkrun
    /// does, finds itself by its first argument.
    private var command: [String] {
        (launcher.map { [$0] } ?? [])
            + [CommandLine.arguments[0], "serve", "--model", model, "--port", "0"] + flags
    }

    private func median(_ values: [Double]) -> String {
        String(format: "%.3f", Distribution(values)?.p50 ?? 0)
    }
}
