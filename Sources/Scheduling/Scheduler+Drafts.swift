extension Scheduler {
    /// Puts a sequence's last known token and guesses of those after it into the batch, if there
    /// are guesses and it costs nobody anything: not while somebody waits, not by preempting, not
    /// in rows and tokens that others could use.
    /// - Parameter room: tokens the step has left for this sequence.
    /// - Returns: whether it is in the batch.
    mutating func scheduleWithDrafts(
        _ index: Int,
        room: Int,
        into batch: inout ScheduledBatch
    ) -> Bool {
        guard sequences[index].mayBeDrafted else { return false }
        let rows = min(spareRowCount - batch.draftTokenCount, rowShare)
        let drafts = sequences[index].guess(
            atMost: min(rows, min(room, limits.chunkTokenCount) - 1)
        )
        guard !drafts.isEmpty, reserveBlocks(for: 1 + drafts.count, of: index, in: &batch) else {
            return false
        }
        sequences[index].schedule(1, drafts: drafts, index: index, into: &batch)
        registerFullBlocks(of: index)
        return true
    }

    /// Whether a sequence is left out of this step, for its next token to be known and guesses to
    /// be made of those after it.
    mutating func awaitsGuesses(_ index: Int) -> Bool {
        rowShare > 0 && sequences[index].awaitsGuesses()
    }

    /// Whether sequences for which a draft model guesses must wait for one of theirs in flight, so
    /// that all go together: taking turns, each group would run both models for itself.
    /// O(running sequences).
    var isDraftingInFlight: Bool {
        guard drafting?.usesModel == true, !inFlight.isEmpty, rowShare > 0 else { return false }
        return running.contains { element in
            sequences[element.index].draftCount != nil
                && sequences[element.index].pendingTokenCount > 0
        }
    }

    /// The sample rows one sequence may take for guesses. A run of a draft model costs much the
    /// same for one sequence as for all, so they share what there is; where not all can have one,
    /// there are none.
    private var rowShare: Int {
        guard drafting?.usesModel == true else { return spareRowCount }
        return spareRowCount / max(1, running.count)
    }

    /// Sample rows that nobody needs: none while somebody waits.
    private var spareRowCount: Int {
        waiting.isEmpty
            ? limits.runningSequenceCount - running.count - reservedSequenceCount : 0
    }

    /// Takes in the guesses of a draft model, which only the device knew.
    mutating func reveal(_ drafted: [TokenID], of batch: ScheduledBatch) {
        precondition(
            drafted.count == batch.draftTokenCount,
            "\(drafted.count) guesses for \(batch.draftTokenCount) of batch \(batch.number)"
        )
        var next = 0
        for entry in batch.entries where entry.draftTokenCount > 0 {
            let drafts = drafted[next..<next + entry.draftTokenCount]
            next += entry.draftTokenCount
            guard sequences[entry.index].id == entry.sequence,
                sequences[entry.index].drafts.count == drafts.count
            else { continue }
            sequences[entry.index].drafts = Array(drafts)
        }
    }

    /// Takes note of how a sequence's guesses fared once all are judged, and gives back the blocks
    /// of the wrong ones.
    mutating func settleDrafts(of index: Int) {
        let sequence = sequences[index]
        guard !sequence.drafts.isEmpty, sequence.pendingTokenCount == 0 || sequence.isFinished
        else { return }
        counters.note(acceptedCount: sequence.acceptedDraftCount, of: sequence.drafts.count)
        sequences[index].forgetDrafts()
        guard sequence.status == .running else { return }
        let needed = limits.blockCount(forTokens: sequence.computedTokenCount)
        blocks.release(Array(sequence.blockTable[needed...]))
        sequences[index].blockTable.removeSubrange(needed...)
    }
}

extension Scheduler.Counters {
    /// Notes a sequence's guesses in one step.
    fileprivate mutating func note(acceptedCount: Int, of count: Int) {
        drafts.draftCount += 1
        drafts.draftTokenCount += count
        drafts.acceptedTokenCount += acceptedCount
        let missing = acceptedCount - drafts.acceptedCountByPosition.count
        if missing > 0 {
            drafts.acceptedCountByPosition += Array(repeating: 0, count: missing)
        }
        for position in 0..<acceptedCount { drafts.acceptedCountByPosition[position] += 1 }
    }
}

/// How guesses of tokens fared. Since the start.
public struct DraftStatistics: Sendable, Equatable {
    /// Times a sequence had guesses checked.
    public var draftCount = 0
    /// The guesses.
    public var draftTokenCount = 0
    /// Those that were right.
    public var acceptedTokenCount = 0
    /// Those that were right, by their place among the guesses of one step.
    public var acceptedCountByPosition: [Int] = []

    public init() {}
}
