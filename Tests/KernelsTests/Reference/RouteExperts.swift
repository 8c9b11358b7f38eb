import Foundation

/// A token's experts of the highest logits, highest first, equals by number, and their shares.
func routeExpertsReference(
    _ logits: [Float],
    chosenCount: Int,
    renormalises: Bool
) -> (experts: [UInt32], shares: [Double]) {
    let order = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
    let highest = Double(logits[order[0]])
    let weights = order.map { exp(Double(logits[$0]) - highest) }
    let total = weights.prefix(renormalises ? chosenCount : weights.count).reduce(0, +)
    return (
        order.prefix(chosenCount).map { UInt32($0) },
        weights.prefix(chosenCount).map { $0 / total }
    )
}
