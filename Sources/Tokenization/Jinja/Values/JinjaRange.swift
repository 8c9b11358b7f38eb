/// Python's `range`: an arithmetic sequence that is never stored.
package struct JinjaRange: Sendable {
    package let start: Int
    /// The first value that is no longer part of the range, as it was written.
    package let stop: Int
    package let step: Int
    package let count: Int

    /// Nil when `step` is 0 or the count does not fit an integer.
    package init?(from start: Int, to stop: Int, by step: Int) {
        guard step != 0 else { return nil }
        let (span, overflow) =
            step > 0
            ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
        guard !overflow, step != Int.min else { return nil }
        let stride = abs(step)
        self.start = start
        self.stop = stop
        self.step = step
        self.count = span <= 0 ? 0 : (span - 1) / stride + 1
    }

    package init(start: Int, stop: Int, step: Int, count: Int) {
        precondition(count >= 0, "a range of \(count) elements")
        self.start = start
        self.stop = stop
        self.step = step
        self.count = count
    }

    package subscript(position: Int) -> Int { start + position * step }

    package func contains(_ value: Int) -> Bool {
        guard count > 0 else { return false }
        let (distance, overflow) = value.subtractingReportingOverflow(start)
        guard !overflow, distance % step == 0 else { return false }
        return (0..<count).contains(distance / step)
    }

    package func hasSameElements(as other: JinjaRange) -> Bool {
        guard count == other.count else { return false }
        return count == 0 || (start == other.start && (count == 1 || step == other.step))
    }
}
