/// When an attempt that failed is made again: exponentially later, at a random moment, so that a
/// hundred replicas that failed together do not come back together.
package struct RetryPolicy: Sendable {
    /// Attempts in a row that bring less than `progressByteCount`.
    package var attemptCount = 8
    package var firstDelay = 0.5
    package var longestDelay = 30.0
    /// The longest that a server's `Retry-After` is obeyed.
    package var longestRequestedDelay = 120.0
    /// What must arrive for failures to be counted anew: a server that gives a byte for each
    /// connection is given up.
    package var progressByteCount: Int64 = 1 << 20

    package init() {}

    /// Seconds to wait after failure number `failure` (from 1), or nil to give up.
    ///
    /// - `requested`: what the server asked for.
    /// - `random`: from 0 to 1, the jitter.
    package func delay(
        afterFailure failure: Int,
        requested: Double? = nil,
        random: Double = .random(in: 0...1)
    ) -> Double? {
        guard failure < attemptCount else { return nil }
        let ceiling = min(longestDelay, firstDelay * exponential(failure - 1))
        let delay = ceiling / 2 + ceiling / 2 * random
        guard let requested, requested > 0 else { return delay }
        return max(delay, min(requested, longestRequestedDelay))
    }

    private func exponential(_ exponent: Int) -> Double { Double(1 << min(exponent, 30)) }

    /// Whether a status may be another one soon.
    static func isTransient(status: Int) -> Bool {
        [408, 425, 429, 500, 502, 503, 504].contains(status)
    }
}
