extension Scheduler {
    /// Takes in what the oldest batch in flight sampled.
    /// - Parameters:
    ///   - sampled: one token for each row of `batch.samples`.
    ///   - drafted: the guesses of a draft model, one for each `.drafted` of `batch.tokens`.
    /// - Returns: the new token of each sequence that still lives, and which of them ended with it.
    public mutating func complete(
        _ batch: ScheduledBatch,
        sampled: [TokenID],
        drafted: [TokenID] = []
    ) -> CompletedBatch {
        precondition(
            inFlight.first == batch.number,
            "batch \(batch.number) is completed; in flight, in this order, are \(inFlight)"
        )
        precondition(
            sampled.count == batch.samples.count,
            "\(sampled.count) tokens for \(batch.samples.count) rows of batch \(batch.number)"
        )
        inFlight.removeFirst()
        if drafting?.usesModel == true { reveal(drafted, of: batch) }
        var completed = CompletedBatch()
        completed.outputs.reserveCapacity(sampled.count)
        for (row, token) in sampled.enumerated() {
            let index = batch.samples[row].index
            guard sequences[index].id == batch.samples[row].sequence, !sequences[index].isFinished,
                sequences[index].pendingTokenCount > 0
            else {
                completed.discardedSampleCount += 1
                continue
            }
            completed.outputs.append(append(token, to: index, sampledIn: row))
        }
        return completed
    }

    private mutating func append(
        _ token: TokenID,
        to index: Int,
        sampledIn row: Int
    ) -> CompletedBatch.Output {
        let reason = sequences[index].accept(token)
        let output = CompletedBatch.Output(
            sequence: sequences[index].id,
            row: row,
            token: token,
            outputIndex: sequences[index].tokens.count - sequences[index].promptTokenCount - 1,
            cachedPromptTokenCount: sequences[index].cachedPromptTokenCount ?? 0,
            finishReason: reason
        )
        if sequences[index].status == .running { registerFullBlocks(of: index) }
        if let reason { finish(index, reason) }
        settleDrafts(of: index)
        return output
    }

    /// Ends a live sequence, wherever it is, and vacates its place.
    mutating func finish(_ index: Int, _ reason: FinishReason) {
        if sequences[index].status == .running {
            stopRunning(index)
        } else {
            dequeue(index)
        }
        let request = sequences[index].id.request
        requests[request]?.removeAll { $0 == index }
        if requests[request]?.isEmpty == true { requests[request] = nil }
        sequences[index].finish(reason)
        vacancies.append(index)
    }
}
