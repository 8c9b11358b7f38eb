import Models
import Testing

/// Which device gets which layers.
struct LayerSplitTests {
    @Test func sharesAreNumbersOfLayersOrProportions() throws {
        #expect(try LayerSplit(shares: [3, 1], layerCount: 4).counts == [3, 1])
        #expect(try LayerSplit(shares: [3, 1], layerCount: 30).counts == [23, 7])
        #expect(try LayerSplit(shares: [10, 11, 9], layerCount: 30).counts == [10, 11, 9])
        #expect(try LayerSplit(shares: [3, 1], layerCount: 4).ranges == [0..<3, 3..<4])
        // None goes empty.
        #expect(try LayerSplit(shares: [1000, 1, 1], layerCount: 5).counts == [3, 1, 1])
        #expect(try LayerSplit(shares: [1, 1, 1000], layerCount: 5).counts == [1, 1, 3])
    }

    @Test func moreDevicesThanLayersAreRefused() {
        let error = ModelError.moreStagesThanLayers(stageCount: 3, layerCount: 2)
        #expect(throws: error) { try LayerSplit(shares: [1, 1, 1], layerCount: 2) }
        #expect(throws: error) { try LayerSplit(memory(2, rooms: [100, 100, 100])) }
        #expect(error.description.contains("3 devices are too many for a model of 2 layers"))
    }

    @Test func equalDevicesGetEqualParts() throws {
        #expect(try LayerSplit(memory(30, rooms: [10_000, 10_000])).counts == [15, 15])
        #expect(
            try LayerSplit(memory(30, rooms: [10_000, 10_000, 10_000])).counts == [10, 10, 10]
        )
    }

    @Test func memoryThatIsFreeDecides() throws {
        #expect(try LayerSplit(memory(30, rooms: [20_000, 10_000])).counts == [20, 10])
        // The last has the output matrix, and so fewer layers.
        let split = try LayerSplit(memory(30, rooms: [4000, 4000], fixed: [0, 1000]))
        #expect(split.counts[0] > split.counts[1] + 2)
    }

    /// No other split has more blocks on the stage with the fewest.
    @Test func noSplitLeavesMoreRoom() throws {
        let memory = StageMemory(
            layerByteCounts: (0..<12).map { 50 + ($0 * 37) % 41 },
            blockByteCount: 3,
            fixedByteCounts: [90, 10, 130],
            rooms: [900, 500, 700]
        )
        func blocks(_ ranges: [Range<Int>]) -> Double {
            ranges.enumerated().map { memory.blockCount(of: $1, on: $0) }.min() ?? 0
        }
        let found = blocks(try LayerSplit(memory).ranges)
        var best = -Double.infinity
        for first in 1...10 {
            for second in first + 1...11 {
                best = max(best, blocks([0..<first, first..<second, second..<12]))
            }
        }
        #expect(found == best)
    }

    private func memory(_ layerCount: Int, rooms: [Int], fixed: [Int]? = nil) -> StageMemory {
        StageMemory(
            layerByteCounts: [Int](repeating: 100, count: layerCount),
            blockByteCount: 10,
            fixedByteCounts: fixed ?? [Int](repeating: 0, count: rooms.count),
            rooms: rooms
        )
    }
}
