import ArgumentParser
import Benchmarking
import Checkpoints

/// `pumice bench synthesize`: a checkpoint to measure with where there is none.
struct BenchSynthesize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "synthesize",
        abstract: "Write a checkpoint of random weights in the shape of a known model.",
        discussion: "It has no vocabulary: `bench` takes it, `serve` does not."
    )

    @Option(help: "The shape: \(SyntheticShape.all.map(\.name).joined(separator: ", ")).")
    var shape = "llama-1b"

    @Option(help: "The format of the matrices, as GGUF spells it: bf16, q4_k, q4_1, ...")
    var weights = "bf16"

    @Argument(help: "The file to write.")
    var file: String

    func run() throws {
        guard let shape = SyntheticShape.all.first(where: { $0.name == shape }) else {
            throw ValidationError("There is no shape `\(shape)`; see --help.")
        }
        let spelling = weights.uppercased()
        guard let type = DataType.allCases.first(where: { "\($0)" == spelling }) else {
            throw ValidationError("`\(weights)` is no format of weights that GGUF knows.")
        }
        let checkpoint = try SyntheticCheckpoint(shape, type)
        try checkpoint.write(to: file)
        print("\(file): \(shape.name) in \(type), \(checkpoint.byteCount >> 20) MiB of weights")
    }
}
