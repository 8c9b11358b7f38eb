import Foundation

/// Durations in seconds as "median, 99th percentile", in milliseconds.
func quantilesInMilliseconds(_ seconds: [Double]) -> String {
    guard !seconds.isEmpty else { return "none" }
    let sorted = seconds.sorted()
    return [0.5, 0.99].map { share in
        let index = min(sorted.count - 1, Int(share * Double(sorted.count)))
        return String(format: "%.1f", sorted[index] * 1000)
    }.joined(separator: ", ")
}
