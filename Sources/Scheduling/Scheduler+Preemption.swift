extension Scheduler {
    /// Gives a running sequence the blocks for its next `count` tokens, preempting from the end of
    /// `running` while there are too few.
    /// - Returns: `false` if the sequence was itself the last one and was preempted.
    mutating func makeRoom(
        for count: Int,
        of index: Int,
        in batch: inout ScheduledBatch
    ) -> Bool {
        while !reserveBlocks(for: count, of: index, in: &batch) {
            guard let victim = running.last, running.count > 1 || victim.index != index else {
                preconditionFailure(
                    "\(sequences[index].id), alone with \(sequences[index].blockTable.count) of "
                        + "\(limits.blockCount) blocks, cannot compute \(count) tokens more"
                )
            }
            batch.preempted.append(sequences[victim.index].id)
            preempt(victim.index)
            if victim.index == index { return false }
        }
        return true
    }

    /// Gives a sequence the blocks for its next `count` tokens, or, if there are too few, nothing.
    mutating func reserveBlocks(
        for count: Int,
        of index: Int,
        in batch: inout ScheduledBatch
    ) -> Bool {
        let computed = sequences[index].computedTokenCount
        let missing =
            limits.blockCount(forTokens: computed + count) - sequences[index].blockTable.count
        let shared = sharedBlockToWrite(of: index)
        guard missing + (shared == nil ? 0 : 1) <= blocks.availableCount else { return false }
        if let shared {
            let copy = allocateBlock()
            batch.copies.append(BlockCopy(source: shared, destination: copy))
            sequences[index].blockTable[computed / limits.blockSize] = copy
            blocks.release(shared)
        }
        for _ in 0..<missing { sequences[index].blockTable.append(allocateBlock()) }
        return true
    }

    /// The partly filled last block of a sequence, if other sequences hold it too.
    private func sharedBlockToWrite(of index: Int) -> BlockID? {
        guard sequences[index].computedTokenCount % limits.blockSize != 0,
            let last = sequences[index].blockTable.last, blocks.referenceCount(of: last) > 1
        else { return nil }
        return last
    }

    private mutating func allocateBlock() -> BlockID {
        guard let block = blocks.allocate() else {
            preconditionFailure("all \(limits.blockCount) blocks are used")
        }
        return block
    }

    private mutating func preempt(_ index: Int) {
        stopRunning(index)
        sequences[index].restart()
        enqueue(index)
        counters.preemptionCount += 1
    }

    /// Takes a sequence out of `running` and releases its blocks.
    mutating func stopRunning(_ index: Int) {
        running.remove(index, key: key(of: index))
        reservedSequenceCount -= sequences[index].unforkedChoices.count
        blocks.release(sequences[index].blockTable)
        sequences[index].blockTable = []
    }
}
