import ArgumentParser
import Foundation

/// `--json FILE`, which every bench has.
struct JSONOption: ParsableArguments {
    @Option(help: "A file for the results as JSON, with the device, the commit and the settings.")
    var json: String?

    /// Writes a report, if one was asked for.
    func write(_ report: BenchReport<some Encodable, some Encodable>) throws {
        guard let json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        do {
            try encoder.encode(report).write(to: URL(fileURLWithPath: json), options: .atomic)
        } catch {
            throw ValidationError("\(json) cannot be written: \(error.localizedDescription)")
        }
    }
}

/// What a bench found, and all that must be known to find it again.
struct BenchReport<Settings: Encodable, Results: Encodable>: Encodable {
    let benchmark: String
    let version = Pumice.version
    /// Of the sources, if `PUMICE_COMMIT` says it; scripts set it, a binary does not know.
    let commit = ProcessInfo.processInfo.environment["PUMICE_COMMIT"]
    let date = Date().formatted(.iso8601)
    var device: String?
    var driver: String?
    var model: String?
    let settings: Settings
    let results: Results
}
