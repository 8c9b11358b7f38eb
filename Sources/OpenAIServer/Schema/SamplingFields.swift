import Scheduling

extension SamplingParameters {
    /// Below this a temperature means greedy, as in vLLM.
    private static let greedyTemperature = 1e-5
    /// Smaller positive temperatures overflow the logits they divide; vLLM raises them to this too.
    private static let leastTemperature = 0.01

    /// Reads and checks the sampling fields; a request that names no seed, or -1 as vLLM has it,
    /// gets a random one.
    init(_ fields: Fields, defaults: OpenAIServer.SamplingDefaults) throws(OpenAIError) {
        let temperature = try fields.number("temperature") ?? defaults.temperature
        let topP = try fields.number("top_p") ?? defaults.topP
        let topK = try fields.integer("top_k") ?? defaults.topK
        let minP = try fields.number("min_p") ?? defaults.minP
        let seed = try fields.integer("seed")
        if temperature < 0 {
            throw .badRequest(
                "temperature",
                "temperature must be non-negative, got \(temperature.plain)."
            )
        }
        if temperature > 2 {
            throw .badRequest(
                "temperature",
                "temperature must be in [0, 2], got \(temperature.plain)."
            )
        }
        if topP <= 0 || topP > 1 {
            throw .badRequest("top_p", "top_p must be in (0, 1], got \(topP.plain).")
        }
        if topK < -1 {
            throw .badRequest(
                "top_k",
                "top_k must be 0 (disable), or at least 1, got \(topK)."
            )
        }
        if minP < 0 || minP > 1 {
            throw .badRequest("min_p", "min_p must be in [0, 1], got \(minP.plain).")
        }
        self.init(
            temperature: temperature < Self.greedyTemperature
                ? 0 : Float(max(temperature, Self.leastTemperature)),
            topK: max(topK, 0),
            // A double can be positive and vanish in a float, on a device sooner than here.
            topP: max(Float(topP), .leastNormalMagnitude),
            minP: Float(minP),
            seed: seed.flatMap { $0 == -1 ? nil : $0 }.map { UInt64(bitPattern: Int64($0)) }
                ?? .random(in: .min ... .max)
        )
    }
}

extension Double {
    /// Without the fraction when there is none: `3`, `0.5`.
    var plain: String { Int(exactly: self).map(String.init) ?? "\(self)" }
}
