/// A token's index in the model's vocabulary.
public typealias TokenID = UInt32

/// How the next token is chosen from the logits of one position.
///
/// The order is vLLM's: temperature first, then min-p, then top-k, then top-p; one token is drawn
/// from what is left. A temperature of zero means greedy: the most probable token, the lowest id
/// among equals.
public struct SamplingParameters: Sendable, Equatable {
    /// Divides the logits; zero means greedy.
    public var temperature: Float
    /// Keeps the `topK` most probable tokens; zero keeps all.
    public var topK: Int
    /// Keeps the smallest set of most probable tokens whose probability reaches `topP`; 1 keeps
    /// all.
    public var topP: Float
    /// Drops tokens less probable than `minP` times the most probable one; zero drops none.
    public var minP: Float
    /// Names the random stream: the draw for output position `i` depends on `seed` and `i` alone.
    public var seed: UInt64

    public init(
        temperature: Float = 1,
        topK: Int = 0,
        topP: Float = 1,
        minP: Float = 0,
        seed: UInt64 = 0
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.seed = seed
    }

    /// The most probable token, always.
    public static let greedy = SamplingParameters(temperature: 0)

    /// Whether the choice needs no randomness.
    public var isGreedy: Bool { temperature == 0 }
}
