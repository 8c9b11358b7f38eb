import Inference
import Testing

struct ThroughputLogTests {
    private var statistics: EngineStatistics {
        var statistics = EngineStatistics(maxModelLength: 64)
        statistics.runningCount = 3
        statistics.waitingCount = 2
        statistics.blockCount = 64
        statistics.usedBlockCount = 16
        return statistics
    }

    @Test func aLineCoversTheTimeSinceTheLastOne() {
        var log = ThroughputLog()
        let start = ContinuousClock.now
        var statistics = statistics
        #expect(log.line(statistics, at: start) == nil)
        statistics.promptTokenCount = 1000
        statistics.generatedTokenCount = 50
        statistics.prefixCacheQueryTokenCount = 1000
        statistics.prefixCacheHitTokenCount = 800
        statistics.deviceBusySeconds = 9.5
        statistics.deviceIdleSeconds = 0.5
        #expect(log.line(statistics, at: start + .seconds(9)) == nil)
        #expect(
            log.line(statistics, at: start + .seconds(10)) == """
                prompt 100.0 tokens/s, generation 5.0 tokens/s, running 3, waiting 2, \
                KV cache used 25.0 %, prefix cache hits 80.0 %, device idle 5.0 %
                """
        )
        statistics.generatedTokenCount = 150
        let second = log.line(statistics, at: start + .seconds(30))
        #expect(second?.hasPrefix("prompt 0.0 tokens/s, generation 5.0 tokens/s") == true)
    }

    @Test func timeAsleepDoesNotCount() {
        var log = ThroughputLog()
        let start = ContinuousClock.now
        _ = log.line(statistics, at: start)
        log.restart(statistics, at: start + .seconds(3600))
        #expect(log.line(statistics, at: start + .seconds(3601)) == nil)
        var later = statistics
        later.generatedTokenCount = 20
        let line = log.line(later, at: start + .seconds(3610))
        #expect(line?.contains("generation 2.0 tokens/s") == true)
    }
}
