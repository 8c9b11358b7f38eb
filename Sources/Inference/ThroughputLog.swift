import Foundation

/// A line about the engine every ten seconds while it works, from its statistics.
package struct ThroughputLog {
    /// Time between lines.
    package static let interval = Duration.seconds(10)

    private struct Counts {
        var prompt = 0
        var generated = 0
        var queried = 0
        var hit = 0
        var busy = 0.0
        var idle = 0.0

        init() {}

        init(_ statistics: EngineStatistics) {
            prompt = statistics.promptTokenCount
            generated = statistics.generatedTokenCount
            queried = statistics.prefixCacheQueryTokenCount
            hit = statistics.prefixCacheHitTokenCount
            busy = statistics.deviceBusySeconds
            idle = statistics.deviceIdleSeconds
        }
    }

    private var start: ContinuousClock.Instant?
    private var before = Counts()

    package init() {}

    /// The engine wakes up: what it did not do while asleep does not count.
    package mutating func restart(
        _ statistics: EngineStatistics,
        at now: ContinuousClock.Instant
    ) {
        start = now
        before = Counts(statistics)
    }

    /// The line that is due, if one is.
    package mutating func line(
        _ statistics: EngineStatistics,
        at now: ContinuousClock.Instant
    ) -> String? {
        guard let start else {
            restart(statistics, at: now)
            return nil
        }
        guard now - start >= Self.interval else { return nil }
        let after = Counts(statistics)
        let seconds = (now - start).seconds
        let usedShare = Self.share(statistics.usedBlockCount, statistics.blockCount)
        let hitShare = Self.share(after.hit - before.hit, after.queried - before.queried)
        let line = [
            "prompt \(Self.format(Double(after.prompt - before.prompt) / seconds)) tokens/s",
            "generation \(Self.format(Double(after.generated - before.generated) / seconds)) "
                + "tokens/s",
            "running \(statistics.runningCount)", "waiting \(statistics.waitingCount)",
            "KV cache used \(usedShare)",
            "prefix cache hits \(hitShare)",
            "device idle "
                + Self.share(
                    after.idle - before.idle,
                    after.idle - before.idle + after.busy - before.busy
                ),
        ].joined(separator: ", ")
        restart(statistics, at: now)
        return line
    }

    private static func share(_ part: Int, _ whole: Int) -> String {
        share(Double(part), Double(whole))
    }

    private static func share(_ part: Double, _ whole: Double) -> String {
        "\(format(whole > 0 ? 100 * part / whole : 0)) %"
    }

    private static func format(_ value: Double) -> String { String(format: "%.1f", value) }
}
