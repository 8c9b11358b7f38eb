/// Which layers are whose: a run of them for each stage, in the order of the model.
package struct LayerSplit: Sendable, Equatable {
    /// The layers of each stage; none is empty.
    package let ranges: [Range<Int>]

    /// How many layers each stage has.
    package var counts: [Int] { ranges.map(\.count) }

    /// All layers on one device.
    package init(layerCount: Int) {
        ranges = [0..<layerCount]
    }

    package init(counts: [Int]) {
        var ranges: [Range<Int>] = []
        for count in counts {
            let start = ranges.last?.upperBound ?? 0
            ranges.append(start..<start + count)
        }
        self.ranges = ranges
    }

    /// Deals layers in proportion to `shares`, of which numbers of layers are one case, and one
    /// layer to each at least.
    /// - Throws: `moreStagesThanLayers`.
    package init(shares: [Int], layerCount: Int) throws(ModelError) {
        guard shares.count <= layerCount else {
            throw .moreStagesThanLayers(stageCount: shares.count, layerCount: layerCount)
        }
        let total = shares.reduce(0, +)
        precondition(total > 0 && shares.allSatisfy { $0 > 0 }, "shares \(shares)")
        var ends: [Int] = []
        var sum = 0
        for (index, share) in shares.enumerated() {
            sum += share
            let end = (2 * layerCount * sum + total) / (2 * total)
            let least = (ends.last ?? 0) + 1
            ends.append(min(max(end, least), layerCount - (shares.count - 1 - index)))
        }
        self.init(counts: zip(ends, [0] + ends).map { $0 - $1 })
    }

    /// The split that leaves the most room for keys and values: the KV cache has as many blocks as
    /// fit on the stage with the least room.
    /// - Throws: `moreStagesThanLayers`.
    package init(_ memory: StageMemory) throws(ModelError) {
        let layerCount = memory.layerByteEnds.count - 1
        let stageCount = memory.rooms.count
        guard stageCount <= layerCount else {
            throw .moreStagesThanLayers(stageCount: stageCount, layerCount: layerCount)
        }
        // best[end]: the most blocks when the stages so far have the layers before `end`, and where
        // the last of them begins.
        var best = [Double](repeating: -.infinity, count: layerCount + 1)
        best[0] = .infinity
        var starts: [[Int]] = []
        for stage in 0..<stageCount {
            var next = [Double](repeating: -.infinity, count: layerCount + 1)
            var start = [Int](repeating: 0, count: layerCount + 1)
            for end in (stage + 1)...(layerCount - (stageCount - 1 - stage)) {
                for begin in stage..<end {
                    let blocks = min(best[begin], memory.blockCount(of: begin..<end, on: stage))
                    // Of equals the one that leaves this stage fewer layers.
                    if blocks >= next[end] { (next[end], start[end]) = (blocks, begin) }
                }
            }
            best = next
            starts.append(start)
        }
        var ranges: [Range<Int>] = []
        var end = layerCount
        for start in starts.reversed() {
            ranges.append(start[end]..<end)
            end = start[end]
        }
        self.ranges = ranges.reversed()
    }
}
