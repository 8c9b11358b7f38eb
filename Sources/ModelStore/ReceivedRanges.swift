/// Which bytes of a file are here: disjoint ranges in ascending order.
package struct ReceivedRanges: Sendable, Equatable {
    package private(set) var ranges: [Range<Int64>] = []

    package init() {}

    package var byteCount: Int64 { ranges.reduce(0) { $0 + Int64($1.count) } }

    package mutating func insert(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        var merged = range
        var kept: [Range<Int64>] = []
        for other in ranges {
            if other.upperBound < merged.lowerBound || other.lowerBound > merged.upperBound {
                kept.append(other)
            } else {
                let lower = min(merged.lowerBound, other.lowerBound)
                merged = lower..<max(merged.upperBound, other.upperBound)
            }
        }
        let place = kept.firstIndex { $0.lowerBound > merged.lowerBound } ?? kept.endIndex
        kept.insert(merged, at: place)
        ranges = kept
    }

    /// What is missing of a file of `byteCount` bytes, in pieces of at most `chunkByteCount`.
    package func missing(of byteCount: Int64, chunkByteCount: Int64) -> [Range<Int64>] {
        var pieces: [Range<Int64>] = []
        var start: Int64 = 0
        for range in ranges + [byteCount..<byteCount] {
            while start < range.lowerBound {
                let end = min(range.lowerBound, start + chunkByteCount)
                pieces.append(start..<end)
                start = end
            }
            start = max(start, range.upperBound)
        }
        return pieces
    }
}
