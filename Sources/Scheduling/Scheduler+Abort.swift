extension Scheduler {
    /// Ends all choices of a request and releases their blocks at once. What they have in flight is
    /// discarded when it completes.
    /// - Returns: the choices that had not ended yet.
    @discardableResult
    public mutating func abort(_ request: RequestID) -> [SequenceID] {
        var aborted: [SequenceID] = []
        for index in requests[request] ?? [] {
            aborted.append(sequences[index].id)
            aborted += sequences[index].unforkedChoices.map {
                SequenceID(request: request, choice: $0)
            }
            finish(index, .aborted)
        }
        return aborted
    }

    /// Ends one choice.
    /// - Returns: whether it had not ended yet.
    @discardableResult
    public mutating func abort(_ sequence: SequenceID) -> Bool {
        for index in requests[sequence.request] ?? [] {
            if sequences[index].unforkedChoices.contains(sequence.choice) {
                abortUnforked(sequence.choice, of: index)
                return true
            }
            guard sequences[index].id == sequence else { continue }
            if sequences[index].unforkedChoices.isEmpty {
                finish(index, .aborted)
            } else {
                handOver(index)
            }
            return true
        }
        return false
    }

    /// Ends every request. Batches in flight are still to be completed.
    /// - Returns: the choices that had not ended yet, in the order of arrival.
    @discardableResult
    public mutating func abortAll() -> [SequenceID] {
        requests.keys.sorted().flatMap { abort($0) }
    }

    /// Ends every request, and forgets the batches in flight and every cached block: for a device
    /// that was lost with all it held.
    /// - Returns: the choices that had not ended yet, in the order of arrival.
    @discardableResult
    public mutating func reset() -> [SequenceID] {
        let aborted = abortAll()
        inFlight = []
        blocks = BlockAllocator(blockCount: limits.blockCount)
        return aborted
    }
}
