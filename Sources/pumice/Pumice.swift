import ArgumentParser

/// The command line.
@main
struct Pumice: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pumice",
        abstract: "A portable LLM inference engine: any Vulkan GPU, an OpenAI-compatible server.",
        version: version,
        subcommands: [
            Serve.self, Chat.self, Complete.self, RunBatch.self, Pull.self, Bench.self,
            Devices.self, Doctor.self, Inspect.self,
        ]
    )

    static let version = "0.1.0"

    static func main() async {
        var arguments = Array(CommandLine.arguments.dropFirst())
        do {
            try Serve.addSettings(to: &arguments)
        } catch {
            exit(withError: error)
        }
        await main(arguments)
    }
}
