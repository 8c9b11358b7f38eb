import ShaderParams

/// One way of sampling.
struct SamplingCase: Sendable, CustomStringConvertible {
    var vocabularySize: Int
    var temperature: Float = 1
    var topK: UInt32 = 0
    var topP: Float = 1
    var minP: Float = 0

    var description: String {
        "\(vocabularySize) tokens, temperature \(temperature), top-k \(topK), top-p \(topP), "
            + "min-p \(minP)"
    }

    static let all: [SamplingCase] = [
        SamplingCase(vocabularySize: 2),
        SamplingCase(vocabularySize: 50),
        SamplingCase(vocabularySize: 50, temperature: 0.5),
        SamplingCase(vocabularySize: 50, temperature: 3),
        SamplingCase(vocabularySize: 1000, topK: 1),
        SamplingCase(vocabularySize: 1000, topK: 7),
        SamplingCase(vocabularySize: 100, topK: 100),
        SamplingCase(vocabularySize: 100, topK: 99),
        SamplingCase(vocabularySize: 1000, topP: 0.9),
        SamplingCase(vocabularySize: 1000, topP: 0.001),
        SamplingCase(vocabularySize: 1000, temperature: 0.2, topP: 0.5),
        SamplingCase(vocabularySize: 1000, minP: 0.05),
        SamplingCase(vocabularySize: 1000, minP: 1),
        SamplingCase(vocabularySize: 1000, temperature: 0.7, topK: 40, topP: 0.8, minP: 0.02),
        // Fewer tokens than top-k are left by min-p.
        SamplingCase(vocabularySize: 1000, topK: 900, minP: 0.5),
    ]

    func row(seed: UInt64, position: Int, logitsRow: Int = 0) -> SamplingRow {
        SamplingRow(
            logitsRow: UInt32(logitsRow),
            temperature: temperature,
            topK: topK,
            topP: topP,
            minP: minP,
            seedLow: UInt32(truncatingIfNeeded: seed),
            seedHigh: UInt32(seed >> 32),
            position: UInt32(position),
            isEdited: 0,
            maskRow: 0
        )
    }

    /// A sequence's draws: one seed, one position after the other.
    func rows(count: Int, seed: UInt64) -> [SamplingRow] {
        (0..<count).map { row(seed: seed, position: $0) }
    }

    /// Draws of seeds and positions that have nothing to do with each other.
    func rows(count: Int, _ generator: inout SeededGenerator) -> [SamplingRow] {
        (0..<count).map { _ in
            row(seed: generator.next(), position: Int.random(in: 0..<100_000, using: &generator))
        }
    }
}

extension SamplingRow {
    /// A greedy choice.
    init(logitsRow: Int) {
        self = SamplingCase(vocabularySize: 0, temperature: 0).row(
            seed: 0,
            position: 0,
            logitsRow: logitsRow
        )
    }
}
