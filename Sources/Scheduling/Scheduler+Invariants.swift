extension Scheduler {
    /// Checks every promise the scheduler makes between two calls. O(pool + tokens): for tests and
    /// for idle moments.
    /// - Throws: `InvariantViolation` for the first broken promise, with its numbers.
    public func checkInvariants() throws(InvariantViolation) {
        try checkPlaces()
        try checkCounters()
        for element in waiting { try checkWaiting(element.index) }
        for element in running { try checkRunning(element.index) }
        let tables = running.map { sequences[$0.index].blockTable }
        try blocks.checkInvariants(blockTables: tables)
    }

    private func checkPlaces() throws(InvariantViolation) {
        var seen = Set(vacancies)
        var elementCount = vacancies.count
        for queue in [waiting, running] {
            for element in queue {
                seen.insert(element.index)
                elementCount += 1
                guard element.key == key(of: element.index) else {
                    throw InvariantViolation("\(sequences[element.index].id) has a stale key")
                }
            }
            for (left, right) in zip(queue, queue.dropFirst())
            where !(left.key < right.key) {
                throw InvariantViolation("\(left.key) stands before \(right.key)")
            }
        }
        guard seen.count == elementCount, elementCount == sequences.count else {
            throw InvariantViolation(
                "\(sequences.count) places; \(waiting.count) waiting, \(running.count) running, "
                    + "\(vacancies.count) vacant, \(seen.count) of these different"
            )
        }
        let listed = requests.values.joined()
        guard Set(listed).isDisjoint(with: vacancies), listed.count == waiting.count + running.count
        else {
            throw InvariantViolation(
                "\(listed.count) sequences listed by request; \(waiting.count) waiting, "
                    + "\(running.count) running"
            )
        }
    }

    private func checkCounters() throws(InvariantViolation) {
        let tokens = waiting.reduce(0) { $0 + sequences[$1.index].promptTokenCount }
        guard tokens == waitingPromptTokenCount else {
            throw InvariantViolation(
                "\(tokens) prompt tokens wait, \(waitingPromptTokenCount) are counted"
            )
        }
        let choices = running.reduce(0) { $0 + sequences[$1.index].unforkedChoices.count }
        guard choices == reservedSequenceCount else {
            throw InvariantViolation(
                "\(choices) choices are to fork, \(reservedSequenceCount) places are reserved"
            )
        }
        guard running.count + choices <= limits.runningSequenceCount else {
            throw InvariantViolation(
                "\(running.count) running and \(choices) to fork; the limit is "
                    + "\(limits.runningSequenceCount)"
            )
        }
    }

    private func checkWaiting(_ index: Int) throws(InvariantViolation) {
        let sequence = sequences[index]
        guard sequence.status == .waiting, sequence.blockTable.isEmpty,
            sequence.computedTokenCount == 0, sequence.registeredBlockCount == 0
        else {
            throw InvariantViolation(
                "\(sequence.id) waits with status \(sequence.status), "
                    + "\(sequence.blockTable.count) blocks, \(sequence.computedTokenCount) computed"
            )
        }
    }

    private func checkRunning(_ index: Int) throws(InvariantViolation) {
        let sequence = sequences[index]
        let computed = sequence.computedTokenCount
        guard sequence.status == .running, computed <= sequence.tokenCount,
            sequence.tokenCount <= sequence.lengthLimit,
            sequence.pendingTokenCount <= inFlight.count + sequence.drafts.count,
            sequence.drafts.isEmpty || !inFlight.isEmpty
        else {
            throw InvariantViolation(
                "\(sequence.id) runs with status \(sequence.status), \(computed) of "
                    + "\(sequence.tokenCount) computed, \(sequence.pendingTokenCount) pending in "
                    + "\(inFlight.count) batches, limit \(sequence.lengthLimit)"
            )
        }
        let table = sequence.blockTable
        guard table.count == limits.blockCount(forTokens: computed) else {
            throw InvariantViolation("\(sequence.id) has \(table.count) blocks for \(computed)")
        }
        let shared = min(computed - sequence.draftModelLag, sequence.tokens.count)
        let full = shared / limits.blockSize
        guard sequence.registeredBlockCount == (cachesPrefixes ? full : 0) else {
            throw InvariantViolation(
                "\(sequence.id) registered \(sequence.registeredBlockCount) of \(full) full blocks"
            )
        }
        for (position, block) in table.enumerated() {
            guard let hash = blocks.hash(of: block) else { continue }
            guard position < full, hash == sequence.blockHashes[position] else {
                throw InvariantViolation(
                    "\(block), number \(position) of \(sequence.id), is registered as what it "
                        + "does not hold"
                )
            }
        }
    }
}
