import Foundation
import ShaderParams

/// How a row of logits becomes a token, by sorting.
struct SampleReference {
    /// Tokens that may be drawn, and their probabilities.
    let probabilities: [Int: Double]
    /// Tokens at the edge of top-p, within a float's rounding: in or out, as it happens.
    let atTheEdge: Set<Int>
    private let scaled: [Double]
    private let row: SamplingRow

    init(_ logits: [Float], _ row: SamplingRow) {
        let scaled = logits.map { Double($0) / Double(row.temperature) }
        var kept = scaled.indices.filter { scaled[$0] > -.infinity }
            .sorted { scaled[$0] > scaled[$1] }
        let highest = kept.first.map { scaled[$0] } ?? 0
        if row.minP > 0 {
            kept.removeAll { scaled[$0] < highest + log(Double(row.minP)) }
        }
        if row.topK > 0, Int(row.topK) < kept.count {
            let threshold = scaled[kept[Int(row.topK) - 1]]
            kept.removeAll { scaled[$0] < threshold }
        }
        var edge: Set<Int> = []
        if row.topP < 1 {
            let total = kept.reduce(0) { $0 + exp(scaled[$1] - highest) }
            var above = 0.0
            var threshold = highest
            for token in kept where above < Double(row.topP) * total {
                threshold = scaled[token]
                above += exp(scaled[token] - highest)
                if abs(above - Double(row.topP) * total) < 1e-5 * total { edge.insert(token) }
            }
            let next = kept.first { scaled[$0] < threshold }
            if !edge.isEmpty, let next { edge.insert(next) }
            kept.removeAll { scaled[$0] < threshold }
        }
        let total = kept.reduce(0) { $0 + exp(scaled[$1] - highest) }
        probabilities = Dictionary(
            uniqueKeysWithValues: kept.map { ($0, exp(scaled[$0] - highest) / total) }
        )
        atTheEdge = edge
        self.scaled = scaled
        self.row = row
    }

    /// Gumbel-max over the tokens that may be drawn: the winner, and by how much it wins.
    func draw() -> (token: Int, margin: Double) {
        let key = row.seedLow ^ (row.seedHigh &* 0x85EB_CA6B)
        let ranked = probabilities.keys.map { token in
            let bits = philoxReference((UInt32(token), row.position), key: key).0
            let uniform = (Double(bits) + 0.5) / 4_294_967_296
            return (token: token, draw: scaled[token] - log(-log1p(-uniform)))
        }.sorted { ($0.draw, $1.token) > ($1.draw, $0.token) }
        return (ranked[0].token, ranked.count > 1 ? ranked[0].draw - ranked[1].draw : .infinity)
    }
}
