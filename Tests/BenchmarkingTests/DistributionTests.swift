import Benchmarking
import Testing

@Suite struct DistributionTests {
    @Test func quantilesLieBetweenNeighbours() throws {
        let distribution = try #require(Distribution([4, 1, 3, 2]))
        #expect(distribution.count == 4)
        #expect(distribution.mean == 2.5)
        #expect(distribution.p50 == 2.5)
        #expect(abs(distribution.p90 - 3.7) < 1e-9)
        #expect(Distribution([]) == nil)
        #expect(Distribution([7])?.p99 == 7)
    }

    @Test(arguments: [
        ("200", LengthDistribution.fixed(200)), ("1-9", .uniform(1...9)),
        ("sharegpt", .logNormal(Workload.shareGPTPrompt)),
    ])
    func lengthsAreReadAsTheyAreWritten(text: String, expected: LengthDistribution) {
        #expect(LengthDistribution(text, conversation: Workload.shareGPTPrompt) == expected)
    }

    @Test(arguments: [
        "", "0", "-5", "9-1", "1-2-3", "x", "1-", "9999999999", "99999999999999999999",
    ])
    func otherLengthsAreRefused(text: String) {
        #expect(LengthDistribution(text, conversation: Workload.shareGPTPrompt) == nil)
    }

    @Test func drawnLengthsStayInTheirRange() {
        var generator = SeededGenerator(seed: 2)
        let uniform = LengthDistribution.uniform(5...7)
        #expect(Set((0..<200).map { _ in uniform.draw(using: &generator) }) == [5, 6, 7])
        #expect(LengthDistribution.fixed(3).draw(using: &generator) == 3)
        #expect(LengthDistribution.logNormal(Workload.shareGPTOutput).longest == 1023)
    }
}
