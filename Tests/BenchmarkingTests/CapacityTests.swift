import Benchmarking
import Scheduling
import Testing

@Suite struct CapacityTests {
    private let limits = Limits(
        runningSequenceCount: 512,
        batchedTokenCount: 1024,
        modelLength: 2048,
        blockCount: 1024
    )

    @Test func pagingWastesUnderFourPercentAndRunsFiveTimesAsMany() throws {
        let workload = Workload(
            count: 600,
            prompt: Workload.shareGPTPrompt,
            output: Workload.shareGPTOutput,
            seed: 7
        )
        let simulation = CapacitySimulation(workload: workload, limits: limits)
        let paged = try simulation.paged()
        let reserved = simulation.reserved()
        #expect(paged.wasteRatio < 0.04)
        #expect(paged.meanRunningCount >= 5 * reserved.meanRunningCount)
        #expect(reserved.peakRunningCount == 1024 * 16 / 2048)
    }

    @Test func bothWaysGenerateEveryTokenOfTheWorkload() throws {
        let workload = Workload(
            count: 100,
            prompt: Workload.shareGPTPrompt,
            output: Workload.shareGPTOutput,
            seed: 3
        )
        let wanted = workload.items.reduce(0) { $0 + $1.outputLength }
        let simulation = CapacitySimulation(workload: workload, limits: limits)
        #expect(try simulation.paged().generatedTokenCount == wanted)
        #expect(simulation.reserved().generatedTokenCount == wanted)
    }

    @Test func lengthsHaveTheStatedMeansAndStayInRange() {
        for lengths in [Workload.shareGPTPrompt, Workload.shareGPTOutput] {
            var generator = SeededGenerator(seed: 11)
            let drawn = (0..<50_000).map { _ in lengths.draw(using: &generator) }
            let mean = Double(drawn.reduce(0, +)) / Double(drawn.count)
            // Cutting the longest off lowers the mean a little.
            #expect(mean < lengths.mean && mean > 0.85 * lengths.mean)
            #expect(drawn.allSatisfy(lengths.range.contains))
        }
        #expect(abs(Workload.shareGPTPrompt.mean - 161) < 2)
        #expect(abs(Workload.shareGPTOutput.mean - 338) < 2)
    }

    @Test func theChartShowsBothAndEscapesItsCaption() throws {
        let workload = Workload(items: [.init(promptLength: 5, outputLength: 9)])
        let simulation = CapacitySimulation(workload: workload, limits: limits)
        let chart = CapacityChart(
            paged: try simulation.paged(),
            reserved: simulation.reserved(),
            caption: "a < b & c"
        )
        #expect(chart.svg.contains("a &lt; b &amp; c"))
        #expect(chart.svg.contains("reserved up front") && chart.svg.contains(">paged<"))
        #expect(chart.svg.hasPrefix("<svg "))
    }
}
