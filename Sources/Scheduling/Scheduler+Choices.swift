extension Scheduler {
    /// Lets a constrained sequence generate up to `outputCount` tokens. Nothing happens if it has
    /// ended.
    public mutating func allow(_ sequence: SequenceID, outputCount: Int) {
        for index in requests[sequence.request] ?? [] where sequences[index].id == sequence {
            sequences[index].allowedOutputCount = max(
                sequences[index].allowedOutputCount,
                outputCount
            )
        }
    }

    /// Forks the sequences whose prompt is computed in this batch: their other choices, sampled in
    /// the rows after theirs, start to run, sharing all blocks.
    mutating func forkChoices(in batch: inout ScheduledBatch) {
        // Only an entry with several rows has choices to fork.
        guard batch.samples.count > 0, reservedSequenceCount > 0 else { return }
        for entry in batch.entries where entry.sampleRows.count > 1 && entry.draftTokenCount == 0 {
            for row in entry.sampleRows.dropFirst() {
                let choice = batch.samples[row].sequence.choice
                batch.samples[row].index = fork(entry.index, choice: choice, row: row)
            }
            reservedSequenceCount -= sequences[entry.index].unforkedChoices.count
            sequences[entry.index].unforkedChoices = []
        }
    }

    private mutating func fork(_ leader: Int, choice: Int, row: Int) -> Int {
        for block in sequences[leader].blockTable { blocks.retain(block) }
        let index = place(sequences[leader].forked(choice: choice, row: row))
        running.insert(index, key: key(of: index))
        return index
    }

    /// Ends a choice that has not forked yet: its leader forgets it.
    mutating func abortUnforked(_ choice: Int, of leader: Int) {
        sequences[leader].unforkedChoices.removeAll { $0 == choice }
        if sequences[leader].status == .running { reservedSequenceCount -= 1 }
    }

    /// Ends a choice that leads others which have not forked yet: the next one takes over all that
    /// was computed.
    mutating func handOver(_ leader: Int) {
        let isRunning = sequences[leader].status == .running
        if isRunning {
            running.remove(leader, key: key(of: leader))
            reservedSequenceCount -= 1
        } else {
            waiting.remove(leader, key: key(of: leader))
        }
        let choice = sequences[leader].unforkedChoices.removeFirst()
        let request = sequences[leader].id.request
        sequences[leader].id = SequenceID(request: request, choice: choice)
        if isRunning {
            running.insert(leader, key: key(of: leader))
        } else {
            waiting.insert(leader, key: key(of: leader))
        }
    }
}
