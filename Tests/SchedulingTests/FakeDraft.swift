import Scheduling

/// A draft model: runs before each batch, on a KV cache of its own with blocks of the same ids.
struct FakeDraft {
    let model: FakeModel
    let limits: Limits
    private var cells: [UInt64]
    /// What the last batch's guesses were drawn from, by sequence.
    private(set) var logits: [SequenceID: [UInt64]] = [:]

    init(model: FakeModel, limits: Limits) {
        self.model = model
        self.limits = limits
        cells = (0..<limits.blockCount * limits.blockSize).map { mix(UInt64($0) ^ 0xBEEF) }
    }

    /// Computes what of a batch is no guess, and what it lags behind; then guesses.
    /// - Returns: the guesses, entry after entry.
    mutating func run(_ batch: ScheduledBatch, lastSamples: [TokenID]) -> [TokenID] {
        for copy in batch.copies {
            for offset in 0..<limits.blockSize {
                cells[copy.destination.index * limits.blockSize + offset] =
                    cells[copy.source.index * limits.blockSize + offset]
            }
        }
        for entry in batch.entries {
            if let token = entry.laggingToken {
                write(token, at: entry.firstPosition - 1, of: entry)
            }
            for (position, index) in zip(entry.positions, entry.tokenRange) {
                switch batch.tokens[index] {
                case .known(let token): write(token, at: position, of: entry)
                case .sampled(let row): write(lastSamples[Int(row)], at: position, of: entry)
                case .drafted: break
                }
            }
        }
        logits = [:]
        return batch.entries.flatMap { guess($0, of: batch) }
    }

    private mutating func guess(
        _ entry: ScheduledBatch.Entry,
        of batch: ScheduledBatch
    ) -> [TokenID] {
        var guesses: [TokenID] = []
        let last = entry.contextLength - 1 - entry.draftTokenCount
        for index in 0..<entry.draftTokenCount {
            if let guess = guesses.last { write(guess, at: last + index, of: entry) }
            let read = logits(upTo: last + index, of: entry)
            logits[entry.sequence, default: []].append(read)
            let sample = batch.samples[entry.sampleRows.lowerBound + index]
            let token = model.sample(
                read,
                outputIndex: sample.outputIndex,
                parameters: sample.parameters
            )
            guesses.append(mix(read) % 4 == 0 ? token + 1 : token)
        }
        return guesses
    }

    private mutating func write(
        _ token: TokenID,
        at position: Int,
        of entry: ScheduledBatch.Entry
    ) {
        let before =
            position == 0 ? 0 : cells[entry.slot(of: position - 1, blockSize: limits.blockSize)]
        cells[entry.slot(of: position, blockSize: limits.blockSize)] =
            FakeModel.cell(after: before, token: token)
    }

    private func logits(upTo last: Int, of entry: ScheduledBatch.Entry) -> UInt64 {
        (0...last).reduce(0) { logits, position in
            let slot = entry.slot(of: position, blockSize: limits.blockSize)
            return FakeModel.read(cells[slot], into: logits)
        }
    }
}
