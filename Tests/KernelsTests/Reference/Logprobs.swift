import Foundation
import ShaderParams

/// The logprobs of a row: of `token`, then of the `topCount` most probable tokens, the lower id
/// first among equals.
func logprobsReference(
    _ logits: [Float],
    token: Int,
    topCount: Int
) -> [(token: Int, logprob: Double, rank: Int)] {
    let values = logits.map { Double($0) }
    let highest = values.max() ?? 0
    let logSum = highest + log(values.reduce(0) { $0 + exp($1 - highest) })
    let ranked = values.indices.filter { values[$0] > -.infinity }
        .sorted { (-values[$0], $0) < (-values[$1], $1) }
    let own = (
        token: token, logprob: values[token] - logSum,
        rank: values.count { $0 >= values[token] }
    )
    return [own]
        + ranked.prefix(topCount).enumerated().map { place, token in
            (token: token, logprob: values[token] - logSum, rank: place + 1)
        }
}
