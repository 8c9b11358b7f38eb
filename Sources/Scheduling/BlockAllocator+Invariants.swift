/// A broken promise of the scheduler's or the allocator's own: a bug, described with its numbers.
public struct InvariantViolation: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension BlockAllocator {
    /// Checks all there is to check. O(pool): for tests and for idle moments.
    /// - Parameter blockTables: the tables of all sequences, if the caller has them; then each
    ///   block's reference count must be the number of tables it is in.
    /// - Throws: `InvariantViolation` for the first broken promise.
    public func checkInvariants(blockTables: [[BlockID]]? = nil) throws(InvariantViolation) {
        guard freeCount >= 0, freeCount + cachedCount + usedCount == blockCount else {
            throw InvariantViolation(
                "\(freeCount) free + \(cachedCount) cached + \(usedCount) used != \(blockCount)"
            )
        }
        try checkFreeQueue()
        try checkCache()
        if let blockTables { try checkReferences(from: blockTables) }
    }

    private func checkFreeQueue() throws(InvariantViolation) {
        guard let queue = freeQueue.blocksIfConsistent() else {
            throw InvariantViolation(
                "the free queue's links are broken (\(freeQueue.count) blocks)"
            )
        }
        for block in queue where referenceCounts[block.index] != 0 {
            throw InvariantViolation(
                "\(block) is in the free queue with \(referenceCounts[block.index]) references"
            )
        }
        let unreferenced = referenceCounts.count { $0 == 0 }
        guard unreferenced == queue.count else {
            throw InvariantViolation(
                "\(unreferenced) blocks have no reference; \(queue.count) are in the free queue"
            )
        }
        let cached = queue.drop { cache.hash(of: $0) == nil }
        guard cached.allSatisfy({ cache.hash(of: $0) != nil }), cached.count == cachedCount else {
            throw InvariantViolation(
                "the free queue's \(queue.count) blocks do not end in \(cachedCount) cached ones"
            )
        }
    }

    private func checkCache() throws(InvariantViolation) {
        var registered = 0
        for index in 0..<blockCount {
            let block = BlockID(index: index)
            guard let hash = cache.hash(of: block) else { continue }
            registered += 1
            guard cache.block(for: hash) == block else {
                throw InvariantViolation("\(block) is registered under a hash of another block")
            }
        }
        guard registered == cache.count else {
            throw InvariantViolation("\(cache.count) hashes for \(registered) registered blocks")
        }
    }

    private func checkReferences(from blockTables: [[BlockID]]) throws(InvariantViolation) {
        var references = [UInt32](repeating: 0, count: blockCount)
        for block in blockTables.joined() { references[block.index] += 1 }
        for index in 0..<blockCount where references[index] != referenceCounts[index] {
            throw InvariantViolation(
                "block \(index) has \(referenceCounts[index]) references but is in "
                    + "\(references[index]) tables"
            )
        }
    }
}
