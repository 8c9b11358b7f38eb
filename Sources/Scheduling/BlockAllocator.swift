/// Who uses which block of the KV cache (vLLM: `BlockPool`). Bookkeeping only: it never sees a key
/// or a value.
///
/// A block is in one of three states:
/// - *used*: in the tables of `referenceCount` sequences;
/// - *cached*: in no table, but registered, so that a later sequence with the same prefix may take
///   it up again;
/// - *free*: in no table, and holding nothing of use.
///
/// Free and cached blocks stand in one queue: the free ones in front, then the cached ones, least
/// recently used first. `allocate()` takes from the front, so the cache gives way only when nothing
/// else is left, and its stalest block first. Every operation is O(1).
public struct BlockAllocator: Sendable {
    public let blockCount: Int
    var referenceCounts: [UInt32]
    var freeQueue: FreeBlockQueue
    var cache: PrefixCache
    /// Blocks that no sequence uses and that are registered.
    public internal(set) var cachedCount = 0
    package var residency: BlockResidency

    public init(blockCount: Int) {
        self.blockCount = blockCount
        referenceCounts = Array(repeating: 0, count: blockCount)
        freeQueue = FreeBlockQueue(blockCount: blockCount)
        cache = PrefixCache(blockCount: blockCount)
        residency = BlockResidency(blockCount: blockCount)
    }

    /// Blocks that can be allocated: free and cached.
    public var availableCount: Int { freeQueue.count }
    public var freeCount: Int { freeQueue.count - cachedCount }
    public var usedCount: Int { blockCount - freeQueue.count }

    public func referenceCount(of block: BlockID) -> Int { Int(referenceCounts[block.index]) }

    /// Takes a block for one sequence, forgetting what it held; `nil` if all are used.
    public mutating func allocate() -> BlockID? {
        guard let block = freeQueue.popFirst() else { return nil }
        precondition(
            referenceCounts[block.index] == 0,
            "\(block) is free with \(referenceCounts[block.index]) references"
        )
        if cache.hash(of: block) != nil {
            cache.remove(block)
            cachedCount -= 1
            residency.noteEviction(of: block)
        }
        residency.noteAllocation(of: block)
        referenceCounts[block.index] = 1
        return block
    }

    /// Adds a reference to a used or cached block.
    public mutating func retain(_ block: BlockID) {
        if referenceCounts[block.index] == 0 {
            precondition(cache.hash(of: block) != nil, "\(block) holds nothing to share")
            freeQueue.remove(block)
            cachedCount -= 1
        }
        referenceCounts[block.index] += 1
    }

    /// Adds a reference to a block that a sequence has found by its hash.
    public mutating func takeUp(_ block: BlockID) {
        residency.noteHit(of: block)
        retain(block)
    }

    /// Drops a reference. With the last one gone, a registered block will be reused last, any other
    /// one next.
    public mutating func release(_ block: BlockID) {
        precondition(referenceCounts[block.index] > 0, "\(block) has no reference to release")
        referenceCounts[block.index] -= 1
        guard referenceCounts[block.index] == 0 else { return }
        if cache.hash(of: block) == nil {
            freeQueue.prepend(block)
        } else {
            freeQueue.append(block)
            cachedCount += 1
        }
    }

    /// Releases a sequence's blocks, last first: of a prefix no sequence uses, the end is then
    /// evicted before the beginning, without which it could not be hit.
    public mutating func release(_ blockTable: [BlockID]) {
        for block in blockTable.reversed() { release(block) }
    }

    /// Lets later sequences find a full block. Its content must be computed by a step that is
    /// already scheduled. A second block with the same content stays unregistered.
    public mutating func register(_ block: BlockID, as hash: BlockHash) {
        precondition(referenceCounts[block.index] > 0, "\(block) is registered but not used")
        cache.register(block, as: hash)
    }

    /// The block, used or cached, registered under a hash.
    public func block(for hash: BlockHash) -> BlockID? { cache.block(for: hash) }

    /// What a block is registered as.
    public func hash(of block: BlockID) -> BlockHash? { cache.hash(of: block) }
}
