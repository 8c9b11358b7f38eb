/// Which block holds which content. It knows nothing of who uses a block.
struct PrefixCache: Sendable {
    private var blocks: [BlockHash: BlockID] = [:]
    /// What each block is registered as.
    private var hashes: [BlockHash?]

    init(blockCount: Int) {
        hashes = Array(repeating: nil, count: blockCount)
    }

    var count: Int { blocks.count }

    func block(for hash: BlockHash) -> BlockID? { blocks[hash] }

    func hash(of block: BlockID) -> BlockHash? { hashes[block.index] }

    /// Registers a block, unless another one holds the same content already: then this one stays
    /// nameless and is the first to be taken again once it is free.
    mutating func register(_ block: BlockID, as hash: BlockHash) {
        precondition(hashes[block.index] == nil, "\(block) is registered already")
        guard blocks[hash] == nil else { return }
        blocks[hash] = block
        hashes[block.index] = hash
    }

    /// Forgets a block because it is about to hold something else.
    mutating func remove(_ block: BlockID) {
        guard let hash = hashes[block.index] else { return }
        blocks[hash] = nil
        hashes[block.index] = nil
    }
}
