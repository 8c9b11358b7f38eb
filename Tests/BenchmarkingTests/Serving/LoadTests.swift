import Benchmarking
import Synchronization
import Testing

@Suite struct LoadTests {
    private let items = Workload(count: 4000, prompt: .fixed(4), output: .fixed(2), seed: 1).items

    @Test func arrivalsAreAPoissonProcessOfTheRate() throws {
        let arrivals = try #require(Load(items: items, requestRate: 8, seed: 5).arrivals)
        let gaps = zip(arrivals, arrivals.dropFirst()).map { $1 - $0 }
        let mean = gaps.reduce(0, +) / Double(gaps.count)
        let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
        #expect(abs(mean - 0.125) < 0.01)
        // Exponential gaps deviate by as much as they last.
        #expect(abs(variance.squareRoot() - 0.125) < 0.015)
        #expect(arrivals == Load(items: items, requestRate: 8, seed: 5).arrivals)
        #expect(Load(items: items, seed: 5).arrivals == nil)
    }

    @Test func noMoreThanTheBoundAreOnTheirWay() async throws {
        let current = Mutex((now: 0, most: 0))
        let load = Load(items: Array(items.prefix(12)), maxConcurrency: 3, seed: 1)
        let outcomes = try await ScriptedServer.run({ _ in
            // The script is made when a request is there, and over when its answer is.
            current.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            return [.streamHead, .text("a"), .pause(.milliseconds(30)), .done]
        }) { port in
            let client = LoadClient(
                address: try ServerAddress("http://127.0.0.1:\(port)"),
                model: "m",
                timeout: .seconds(30)
            )
            return await load.run(client, PromptSource(kind: .tokens, seed: 1)) { _ in
                current.withLock { $0.now -= 1 }
            }
        }
        #expect(outcomes.count == 12)
        #expect(outcomes.allSatisfy { $0.failure == nil })
        let most = current.withLock { $0.most }
        #expect(most > 1 && most <= 3)
    }

    @Test func aReportCountsTheGoodAndNamesTheBad() throws {
        var good = RequestOutcome(sent: 1, ended: 3, promptTokenCount: 10)
        good.textTimes = [1.5, 2, 2.5]
        good.outputTokenCount = 3
        good.hasUsage = true
        var bad = RequestOutcome(sent: 0, ended: 5, promptTokenCount: 10)
        bad.failure = .status(429)
        let report = LoadReport([good, bad, bad])
        #expect(report.completed == 1)
        #expect(report.failed == 2)
        #expect(report.failures == ["HTTP 429": 2])
        #expect(report.duration == 5)
        #expect(report.outputTokensPerSecond == 3.0 / 5)
        #expect(report.totalTokensPerSecond == 13.0 / 5)
        #expect(report.timeToFirstToken?.p50 == 500)
        #expect(report.timePerOutputToken?.mean == 500)
        #expect(report.interTokenLatency?.count == 2)
        #expect(report.endToEndLatency?.p99 == 2000)
        #expect(report.table.contains("HTTP 429"))
        let nothing = LoadReport([])
        #expect(nothing.completed == 0 && nothing.timeToFirstToken == nil)
    }
}
