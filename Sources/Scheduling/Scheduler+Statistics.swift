extension Scheduler {
    /// What only grows, and what is kept up to date because counting it anew would be slow.
    struct Counters: Sendable {
        var preemptionCount = 0
        var prefixQueryTokenCount = 0
        var prefixHitTokenCount = 0
        var waitingPromptTokenCount = 0
        var drafts = DraftStatistics()
    }

    /// The scheduler as it stands.
    public struct Statistics: Sendable, Equatable {
        public var runningCount: Int
        /// Waiting sequences; the choices of a request that was never admitted count as one.
        public var waitingCount: Int
        /// Prompt tokens of waiting sequences.
        public var waitingPromptTokenCount: Int
        /// Blocks; free, cached and used ones add up to it.
        public var blockCount: Int
        /// Blocks that hold nothing worth keeping.
        public var freeBlockCount: Int
        /// Blocks no sequence uses, kept for the prefix cache.
        public var cachedBlockCount: Int
        /// Blocks in the tables of sequences.
        public var usedBlockCount: Int
        /// Slots in the tables of running sequences, a shared block counted for each.
        public var allocatedSlotCount: Int
        /// Those of them that hold a token.
        public var usedSlotCount: Int
        /// Since the start.
        public var preemptionCount: Int
        /// Prompt tokens looked up in the prefix cache, once per request. Since the start.
        public var prefixQueryTokenCount: Int
        /// Those of them that were found.
        public var prefixHitTokenCount: Int
        public var drafts: DraftStatistics

        /// The share of allocated slots that hold nothing: less than a block per sequence.
        public var wasteRatio: Double {
            allocatedSlotCount == 0
                ? 0 : 1 - Double(usedSlotCount) / Double(allocatedSlotCount)
        }
    }

    /// O(running sequences).
    public var statistics: Statistics {
        var slots = 0
        var usedSlots = 0
        for element in running {
            slots += sequences[element.index].blockTable.count * limits.blockSize
            usedSlots += sequences[element.index].computedTokenCount
        }
        return Statistics(
            runningCount: running.count,
            waitingCount: waiting.count,
            waitingPromptTokenCount: counters.waitingPromptTokenCount,
            blockCount: limits.blockCount,
            freeBlockCount: blocks.freeCount,
            cachedBlockCount: blocks.cachedCount,
            usedBlockCount: blocks.usedCount,
            allocatedSlotCount: slots,
            usedSlotCount: usedSlots,
            preemptionCount: counters.preemptionCount,
            prefixQueryTokenCount: counters.prefixQueryTokenCount,
            prefixHitTokenCount: counters.prefixHitTokenCount,
            drafts: counters.drafts
        )
    }

    /// What a running sequence holds.
    public struct SequenceUsage: Sendable, Equatable {
        public var id: SequenceID
        /// Blocks in its table, those it shares with others included.
        public var blockCount: Int
        /// Tokens whose keys and values they hold.
        public var tokenCount: Int
    }

    /// What each running sequence holds, first to run first. O(running sequences).
    public var usage: [SequenceUsage] {
        running.map { element in
            let sequence = sequences[element.index]
            return SequenceUsage(
                id: sequence.id,
                blockCount: sequence.blockTable.count,
                tokenCount: sequence.computedTokenCount
            )
        }
    }

    public var runningCount: Int { running.count }
    public var waitingCount: Int { waiting.count }
    public var waitingPromptTokenCount: Int { counters.waitingPromptTokenCount }

    /// Whether no request is left; batches of aborted ones may still be in flight.
    public var isIdle: Bool { running.isEmpty && waiting.isEmpty }

    /// Scheduled batches that are not completed.
    public var inFlightCount: Int { inFlight.count }

    /// A live sequence as it stands; `nil` once it has ended, or before it has forked.
    public subscript(id: SequenceID) -> TokenSequence? {
        guard let index = requests[id.request]?.first(where: { sequences[$0].id == id }) else {
            return nil
        }
        return sequences[index]
    }
}
