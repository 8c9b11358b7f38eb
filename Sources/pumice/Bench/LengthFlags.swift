import ArgumentParser
import Benchmarking

/// The lengths of a workload, as flags say them.
enum LengthFlags {
    /// - Throws: `ValidationError` for words that are no lengths.
    static func read(
        input: String,
        output: String
    ) throws -> (input: LengthDistribution, output: LengthDistribution) {
        guard
            let inputLengths = LengthDistribution(input, conversation: Workload.shareGPTPrompt),
            let outputLengths = LengthDistribution(output, conversation: Workload.shareGPTOutput)
        else {
            throw ValidationError(
                "--input-len and --output-len look like 200, 100-300 or sharegpt, and are at most "
                    + "\(LengthDistribution.limit)."
            )
        }
        return (inputLengths, outputLengths)
    }
}
