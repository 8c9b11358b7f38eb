/// The blocks no sequence uses, in the order in which they will be taken (vLLM:
/// `FreeKVCacheBlockQueue`).
///
/// A doubly linked ring threaded through two flat arrays, closed by a sentinel: taking the first,
/// adding at either end and removing from the middle are O(1) and allocate nothing.
struct FreeBlockQueue: Sendable {
    /// The block after each block; entry `blockCount` is the sentinel's.
    private var next: [UInt32]
    private var previous: [UInt32]
    private(set) var count: Int

    /// Stands in `next` for a block that is not in the queue.
    private static let absent = UInt32.max

    /// All blocks, lowest first.
    init(blockCount: Int) {
        let ring = UInt32(blockCount + 1)
        next = (0..<ring).map { ($0 + 1) % ring }
        previous = (0..<ring).map { ($0 + ring - 1) % ring }
        count = blockCount
    }

    private var sentinel: UInt32 { UInt32(next.count - 1) }

    var first: BlockID? {
        count == 0 ? nil : BlockID(rawValue: next[Int(sentinel)])
    }

    func contains(_ block: BlockID) -> Bool { next[block.index] != Self.absent }

    mutating func popFirst() -> BlockID? {
        guard let block = first else { return nil }
        remove(block)
        return block
    }

    /// Adds a block to be taken next.
    mutating func prepend(_ block: BlockID) {
        link(block.rawValue, after: sentinel)
    }

    /// Adds a block to be taken last.
    mutating func append(_ block: BlockID) {
        link(block.rawValue, after: previous[Int(sentinel)])
    }

    mutating func remove(_ block: BlockID) {
        precondition(contains(block), "\(block) is not free")
        let before = previous[block.index]
        let after = next[block.index]
        next[Int(before)] = after
        previous[Int(after)] = before
        next[block.index] = Self.absent
        count -= 1
    }

    private mutating func link(_ block: UInt32, after before: UInt32) {
        precondition(next[Int(block)] == Self.absent, "block \(block) is already free")
        let after = next[Int(before)]
        next[Int(before)] = block
        previous[Int(block)] = before
        next[Int(block)] = after
        previous[Int(after)] = block
        count += 1
    }

    /// The blocks in order, or `nil` if the links do not form one ring of `count` blocks.
    func blocksIfConsistent() -> [BlockID]? {
        var blocks: [BlockID] = []
        var before = sentinel
        while true {
            let block = next[Int(before)]
            guard block <= sentinel, previous[Int(block)] == before else { return nil }
            if block == sentinel { break }
            guard blocks.count < count else { return nil }
            blocks.append(BlockID(rawValue: block))
            before = block
        }
        return blocks.count == count ? blocks : nil
    }
}
