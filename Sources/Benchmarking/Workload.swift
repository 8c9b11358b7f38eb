import Foundation

/// Lengths whose logarithm is normally distributed, as those of real conversations about are.
public struct LogNormalLengths: Sendable, Equatable {
    /// Half of the lengths are below this, in tokens.
    public var median: Double
    /// The standard deviation of the logarithm.
    public var sigma: Double
    /// Lengths outside are moved to the nearer bound.
    public var range: ClosedRange<Int>

    public init(median: Double, sigma: Double, range: ClosedRange<Int>) {
        self.median = median
        self.sigma = sigma
        self.range = range
    }

    /// The mean before lengths are moved into the range.
    public var mean: Double { median * exp(sigma * sigma / 2) }

    /// Draws a length, by the Box-Muller transform.
    public func draw(using generator: inout SeededGenerator) -> Int {
        let u = 1 - generator.unit()
        let v = generator.unit()
        let normal = (-2 * log(u)).squareRoot() * cos(2 * .pi * v)
        let length = Int((median * exp(sigma * normal)).rounded())
        return min(max(length, range.lowerBound), range.upperBound)
    }
}

/// Requests to measure with: prompt and output lengths, drawn from a seed.
public struct Workload: Sendable, Equatable {
    /// One request's lengths, in tokens.
    public struct Item: Sendable, Equatable {
        public var promptLength: Int
        public var outputLength: Int

        public init(promptLength: Int, outputLength: Int) {
            self.promptLength = promptLength
            self.outputLength = outputLength
        }
    }

    public var items: [Item]

    public init(items: [Item]) {
        self.items = items
    }

    /// Draws `count` requests.
    public init(count: Int, prompt: LogNormalLengths, output: LogNormalLengths, seed: UInt64) {
        self.init(count: count, prompt: .logNormal(prompt), output: .logNormal(output), seed: seed)
    }

    /// Draws `count` requests.
    public init(
        count: Int,
        prompt: LengthDistribution,
        output: LengthDistribution,
        seed: UInt64
    ) {
        var generator = SeededGenerator(seed: seed)
        items = (0..<count).map { _ in
            Item(
                promptLength: prompt.draw(using: &generator),
                outputLength: output.draw(using: &generator)
            )
        }
    }

    /// Prompts with the mean length of ShareGPT's, 161 tokens, of which few are long.
    ///
    /// The means are those the vLLM paper (Kwon et al., SOSP 2023) gives for its traces.
    public static let shareGPTPrompt = LogNormalLengths(median: 78, sigma: 1.2, range: 4...1024)
    /// Outputs with the mean length of ShareGPT's, 338 tokens.
    public static let shareGPTOutput = LogNormalLengths(median: 225, sigma: 0.9, range: 4...1023)
}

/// SplitMix64: the same numbers on every machine.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number in [0, 1).
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
