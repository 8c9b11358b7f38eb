extension Scheduler {
    /// Queues a request.
    /// - Returns: its name; its choices are numbered from 0.
    /// - Throws: `SchedulingError` if it could never run; nothing is then queued.
    public mutating func add(_ request: SequenceRequest) throws(SchedulingError) -> RequestID {
        let promptTokenCount = request.promptTokens.count
        guard promptTokenCount < limits.modelLength else {
            throw .promptTooLong(tokenCount: promptTokenCount, modelLength: limits.modelLength)
        }
        let outputLimit = min(request.stopping.maxTokens, limits.modelLength - promptTokenCount)
        let lengthLimit = promptTokenCount + outputLimit
        // The last token is never computed: nothing follows it.
        let blocksNeeded = limits.blockCount(forTokens: lengthLimit - 1)
        guard blocksNeeded <= limits.blockCount else {
            throw .tooLargeForPool(blocksNeeded: blocksNeeded, blockCount: limits.blockCount)
        }
        guard request.choiceCount <= limits.runningSequenceCount else {
            throw .tooManyChoices(
                choiceCount: request.choiceCount,
                limit: limits.runningSequenceCount
            )
        }
        let id = RequestID(rawValue: nextRequest)
        nextRequest += 1
        let index = place(
            TokenSequence(
                request,
                id: SequenceID(request: id, choice: 0),
                lengthLimit: lengthLimit,
                rootHash: hasher.root(salt: request.cacheSalt),
                drafting: drafting
            )
        )
        enqueue(index)
        return id
    }

    /// Puts a sequence without blocks in `waiting`.
    mutating func enqueue(_ index: Int) {
        waiting.insert(index, key: key(of: index))
        counters.waitingPromptTokenCount += sequences[index].promptTokenCount
    }

    mutating func dequeue(_ index: Int) {
        waiting.remove(index, key: key(of: index))
        counters.waitingPromptTokenCount -= sequences[index].promptTokenCount
    }

    /// Admits from the head of `waiting` while the budget lasts and the head fits.
    mutating func admitWaiting(into batch: inout ScheduledBatch) {
        guard !waiting.isEmpty else { return }
        var promised = promisedBlockCount
        while batch.tokens.count < limits.batchedTokenCount, let index = waiting.first?.index,
            let prefix = admissiblePrefix(of: index, promisedBlockCount: promised)
        {
            admit(index, prefix: prefix)
            let count = min(
                sequences[index].schedulableTokenCount,
                limits.chunkTokenCount,
                limits.batchedTokenCount - batch.tokens.count
            )
            guard reserveBlocks(for: count, of: index, in: &batch) else {
                preconditionFailure(
                    "\(sequences[index].id) was admitted for \(count) tokens with "
                        + "\(blocks.availableCount) of \(limits.blockCount) blocks available"
                )
            }
            schedule(count, of: index, into: &batch)
            promised += missingBlockCount(of: index)
        }
    }

    /// The cached blocks a waiting sequence would start from, or `nil` if it cannot start now.
    ///
    /// It may start if all its tokens fit beside what running sequences still need for theirs, with
    /// the watermark to spare; the first chunk alone would invite prompts that then preempt
    /// each other half-way. What would run alone may always start.
    private mutating func admissiblePrefix(of index: Int, promisedBlockCount: Int) -> [BlockID]? {
        let choices = 1 + sequences[index].unforkedChoices.count
        guard running.count + reservedSequenceCount + choices <= limits.runningSequenceCount,
            // Preempted while a token was being sampled: it waits to know it, and what may follow.
            sequences[index].pendingTokenCount == 0, !sequences[index].isHeld
        else { return nil }
        if running.isEmpty { return cachedPrefix(of: index) }
        let reserve = promisedBlockCount + limits.watermarkBlockCount
        guard blocks.availableCount > reserve else { return nil }
        let prefix = cachedPrefix(of: index)
        let taken = prefix.count { blocks.referenceCount(of: $0) == 0 }
        let missing = limits.blockCount(forTokens: sequences[index].tokenCount) - prefix.count
        let copies = choices - 1
        return missing + copies + taken + reserve <= blocks.availableCount ? prefix : nil
    }

    /// The cached blocks of the longest prefix of a waiting sequence that leaves at least one token
    /// to compute: without it there would be no logits to sample from.
    private mutating func cachedPrefix(of index: Int) -> [BlockID] {
        guard cachesPrefixes, sequences[index].mayHitCache else { return [] }
        var prefix: [BlockID] = []
        for count in 1..<max(1, limits.blockCount(forTokens: sequences[index].tokens.count)) {
            sequences[index].hashBlocks(upTo: count, blockSize: limits.blockSize, with: hasher)
            let hash = sequences[index].blockHashes[count - 1]
            guard let block = blocks.block(for: hash) else { break }
            prefix.append(block)
        }
        return prefix
    }

    private mutating func admit(_ index: Int, prefix: [BlockID]) {
        dequeue(index)
        if sequences[index].cachedPromptTokenCount == nil {
            if cachesPrefixes && sequences[index].mayHitCache {
                counters.prefixQueryTokenCount += sequences[index].promptTokenCount
            }
            counters.prefixHitTokenCount += prefix.count * limits.blockSize
        }
        for block in prefix { blocks.takeUp(block) }
        sequences[index].start(with: prefix, blockSize: limits.blockSize)
        running.insert(index, key: key(of: index))
        reservedSequenceCount += sequences[index].unforkedChoices.count
    }

    /// Blocks that running sequences still need for the tokens they have.
    private var promisedBlockCount: Int {
        running.reduce(0) { $0 + missingBlockCount(of: $1.index) }
    }

    private func missingBlockCount(of index: Int) -> Int {
        limits.blockCount(forTokens: sequences[index].tokenCount)
            - sequences[index].blockTable.count + sequences[index].unforkedChoices.count
    }
}
