import ArgumentParser

/// The sampling fields of a request as flags. Their values are checked where the server checks
/// them; what is not given keeps the server's default.
struct SamplingFlags: ParsableArguments {
    @Option(help: "0 always takes the likeliest token; higher is more varied. Up to 2.")
    var temperature: Double?

    @Option(help: "Draw from the likeliest tokens that together have this probability.")
    var topP: Double?

    @Option(help: "Draw from this many of the likeliest tokens.")
    var topK: Int?

    @Option(help: "Draw from tokens at least this probable, relative to the likeliest.")
    var minP: Double?

    @Option(help: "Above 1 makes tokens rarer that have been there.")
    var repetitionPenalty: Double?

    @Option(help: "The most tokens of an answer.")
    var maxTokens: Int?

    @Option(help: "Makes answers repeatable.")
    var seed: Int?

    @Option(help: "Texts that end the answer; may be given several times.")
    var stop: [String] = []

    /// The fields that were given.
    var fields: RequestBody.Sampling {
        RequestBody.Sampling(
            temperature: temperature,
            topP: topP,
            topK: topK,
            minP: minP,
            repetitionPenalty: repetitionPenalty,
            maxTokens: maxTokens,
            seed: seed,
            stop: stop.isEmpty ? nil : stop
        )
    }
}
