import Foundation

/// What a load found out about a server. Failed requests count in nothing but their own lines.
public struct LoadReport: Sendable, Encodable {
    public let completed: Int
    public let failed: Int
    /// How many requests failed in each way.
    public let failures: [String: Int]
    /// Seconds from the first request to the last end.
    public let duration: Double
    public let inputTokens: Int
    public let outputTokens: Int
    /// Whether the server counted the tokens; otherwise events were counted.
    public let tokensAreCountedByServer: Bool
    public let requestsPerSecond: Double
    public let outputTokensPerSecond: Double
    public let totalTokensPerSecond: Double
    /// Milliseconds.
    public let timeToFirstToken: Distribution?
    public let timePerOutputToken: Distribution?
    public let interTokenLatency: Distribution?
    public let endToEndLatency: Distribution?

    private enum CodingKeys: String, CodingKey {
        case completed, failed, failures
        case inputTokens, outputTokens, tokensAreCountedByServer
        case requestsPerSecond, outputTokensPerSecond, totalTokensPerSecond
        case duration = "duration_s"
        case timeToFirstToken = "ttft_ms"
        case timePerOutputToken = "tpot_ms"
        case interTokenLatency = "itl_ms"
        case endToEndLatency = "e2e_ms"
    }

    public init(_ outcomes: [RequestOutcome]) {
        let good = outcomes.filter { $0.failure == nil }
        completed = good.count
        failed = outcomes.count - good.count
        failures = outcomes.compactMap(\.failure).reduce(into: [:]) {
            $0[$1.description, default: 0] += 1
        }
        let begin = outcomes.map(\.sent).min() ?? 0
        let end = outcomes.map(\.ended).max() ?? 0
        duration = end - begin
        inputTokens = good.reduce(0) { $0 + $1.promptTokenCount }
        outputTokens = good.reduce(0) { $0 + $1.outputTokenCount }
        tokensAreCountedByServer = !good.isEmpty && good.allSatisfy(\.hasUsage)
        let seconds = max(duration, 1e-9)
        requestsPerSecond = Double(good.count) / seconds
        outputTokensPerSecond = Double(outputTokens) / seconds
        totalTokensPerSecond = Double(inputTokens + outputTokens) / seconds
        func milliseconds(_ values: [Double]) -> Distribution? {
            Distribution(values.map { 1000 * $0 })
        }
        timeToFirstToken = milliseconds(good.compactMap(\.timeToFirstToken))
        timePerOutputToken = milliseconds(good.compactMap(\.timePerOutputToken))
        interTokenLatency = milliseconds(good.flatMap(\.interTokenLatencies))
        endToEndLatency = milliseconds(good.map(\.endToEndLatency))
    }

    /// The report for people.
    public var table: String {
        var lines = [
            line("Successful requests", "\(completed)"), line("Failed requests", "\(failed)"),
        ]
        for (kind, count) in failures.sorted(by: { $0.key < $1.key }) {
            lines.append(line("  \(kind)", "\(count)"))
        }
        let counted = tokensAreCountedByServer ? "" : " (events)"
        lines += [
            line("Benchmark duration (s)", number(duration)),
            line("Total input tokens", "\(inputTokens)"),
            line("Total generated tokens\(counted)", "\(outputTokens)"),
            line("Request throughput (req/s)", number(requestsPerSecond)),
            line("Output token throughput (tok/s)", number(outputTokensPerSecond)),
            line("Total token throughput (tok/s)", number(totalTokensPerSecond)),
        ]
        lines.append(row("Milliseconds", ["mean", "p50", "p90", "p99"]))
        for (name, distribution) in [
            ("Time to first token (TTFT)", timeToFirstToken),
            ("Time per output token (TPOT)", timePerOutputToken),
            ("Inter-token latency (ITL)", interTokenLatency),
            ("End-to-end latency (E2E)", endToEndLatency),
        ] {
            guard let distribution else { continue }
            let values = [
                distribution.mean, distribution.p50, distribution.p90, distribution.p99,
            ]
            lines.append(row(name, values.map { number($0) }))
        }
        return lines.joined(separator: "\n")
    }

    private func number(_ value: Double) -> String { String(format: "%.2f", value) }

    private func line(_ name: String, _ value: String) -> String {
        row(name, [value])
    }

    private func row(_ name: String, _ values: [String]) -> String {
        name.padding(toLength: 34, withPad: " ", startingAt: 0)
            + values.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }
}
