extension Scheduler {
    /// Lets a constrained sequence generate up to `outputCount` tokens. Nothing happens if it has
    /// ended.
    public mutating func allow(_ sequence: SequenceID, outputCount: Int) {
        guard let index = index(of: sequence) else { return }
        sequences[index].allowedOutputCount = max(
            sequences[index].allowedOutputCount,
            outputCount
        )
    }

    /// Appends tokens that a constraint leaves no choice about, as if they had been sampled: they
    /// are computed together with the last one, like a prompt's. What is behind the sequence's end
    /// is left out.
    ///
    /// - Returns: the tokens that were appended, and why the sequence ended with the last of them,
    ///   if it did; none if it had ended before.
    public mutating func append(
        forced tokens: [TokenID],
        to sequence: SequenceID
    ) -> (count: Int, finishReason: FinishReason?) {
        guard let index = index(of: sequence) else { return (0, nil) }
        precondition(
            sequences[index].isHeld && sequences[index].pendingTokenCount == 0,
            "\(sequence) has \(sequences[index].pendingTokenCount) pending tokens and is not held"
        )
        for (count, token) in tokens.enumerated() {
            guard let reason = sequences[index].append(token) else { continue }
            finish(index, reason)
            return (count + 1, reason)
        }
        return (tokens.count, nil)
    }

    /// Running sequences that wait to be told what they may go on with, and for nothing else.
    /// O(running sequences).
    public var heldCount: Int {
        running.count { element in
            sequences[element.index].isHeld && sequences[element.index].pendingTokenCount == 0
        }
    }

    /// Kernels take so many tokens of a step at a time: 17 cost nearly as much as 32.
    private static let tokenTile = 16

    /// Tokens that fit into a step beside one of each running sequence without making it dearer.
    /// Forced tokens beyond these are computed one a step, which costs no more than drawing them.
    var spareForcedTokenCount: Int {
        let remainder = running.count % Self.tokenTile
        return remainder == 0 ? 0 : Self.tokenTile - remainder
    }

    /// Whether a batch in flight samples a constrained sequence's token. O(running sequences).
    var isSamplingConstrained: Bool {
        running.contains { element in
            sequences[element.index].isConstrained && sequences[element.index].pendingTokenCount > 0
        }
    }

    private func index(of sequence: SequenceID) -> Int? {
        requests[sequence.request]?.first { sequences[$0].id == sequence }
    }
}
