import Foundation
import Scheduling

extension PositionLogprobs {
    /// The logprobs of a position, from its raw logits.
    /// - Parameter topCount: how many of the most probable tokens to name; among equals the lower
    ///   id comes first.
    init(logits: [Float], chosen: TokenID, topCount: Int) {
        let highest = Double(logits.max() ?? 0)
        let sum = logits.reduce(0.0) { $0 + exp(Double($1) - highest) }
        let logSum = highest + log(sum)
        func entry(_ token: Int) -> TokenLogprob {
            TokenLogprob(token: TokenID(token), logprob: Float(Double(logits[token]) - logSum))
        }
        self.init(
            chosen: entry(Int(chosen)),
            top: Self.highest(topCount, of: logits).map(entry)
        )
    }

    /// The indices of the `count` highest values, best first.
    static func highest(_ count: Int, of values: [Float]) -> [Int] {
        guard count > 0 else { return [] }
        var best: [Int] = []
        for (index, value) in values.enumerated() {
            if best.count == count, let last = best.last, value <= values[last] { continue }
            let place = best.firstIndex { values[$0] < value } ?? best.count
            best.insert(index, at: place)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
