import ArgumentParser
import Foundation
import Settings

extension Serve {
    /// Adds what `PUMICE_*` variables and the file of `--config` set to the arguments of
    /// `pumice serve`, before anything looks at them; so they are checked like flags.
    /// - Throws: `SettingsError`; `ExitCode` once `--print-config` is done.
    static func addSettings(to arguments: inout [String]) throws {
        guard arguments.first == "serve" else { return }
        let commandLine = Array(arguments.dropFirst())
        guard !commandLine.contains(where: { ["--help", "-h", "--version"].contains($0) }) else {
            return
        }
        let settings = try Settings(
            try Flag.all(inDumpedHelp: _dumpHelp()),
            commandLine: commandLine,
            environment: ProcessInfo.processInfo.environment
        )
        if commandLine.contains("--print-config") {
            print(settings.listing, terminator: "")
            throw ExitCode.success
        }
        arguments = ["serve"] + settings.arguments
    }
}
