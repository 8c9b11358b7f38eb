extension Scheduler {
    /// Who may be in a step where sequences take turns.
    struct Turn {
        let batchNumber: UInt64
        /// Whether nothing else can run: then those of the step before may, and pending tokens.
        let isLastResort: Bool
        /// How many sequences that generate the step has places for.
        var placeCount: Int

        /// Whether a sequence is in this step, and so takes one of the places if it generates.
        mutating func takes(_ sequence: TokenSequence) -> Bool {
            guard sequence.isGenerating else {
                return isLastResort || sequence.pendingTokenCount == 0
            }
            // Steps since it was in one; who has waited for two comes before places.
            let age = batchNumber - sequence.pendingBatch
            guard age > 2 || (age == 2 || isLastResort) && placeCount > 0 else { return false }
            placeCount -= 1
            return true
        }
    }

    /// The next step's; nil if there are no turns. O(running sequences).
    func turn(isLastResort: Bool = false) -> Turn? {
        guard limits.takesTurns else { return nil }
        let count = running.count { sequences[$0.index].isGenerating }
        return Turn(
            batchNumber: nextBatchNumber,
            isLastResort: isLastResort,
            placeCount: (count + 1) / 2
        )
    }
}

extension TokenSequence {
    /// Whether it grows token by token, and by itself: constrained sequences go together.
    fileprivate var isGenerating: Bool {
        !isConstrained && outputTokenCount > 0 && tokenCount - computedTokenCount <= 1
    }
}
