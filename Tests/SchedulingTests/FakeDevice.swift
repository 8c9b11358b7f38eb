import Scheduling

/// Runs batches, in order, on a KV cache of one number per slot. It knows nothing but what is in
/// the batches: it writes and reads through block tables, takes pending tokens from what it sampled
/// itself in the batch before, and copies blocks when told to.
struct FakeDevice {
    let model: FakeModel
    let limits: Limits
    /// A draft model beside it, if there is one: it leaves in a cache of its own what the model
    /// leaves, so it reads the same, but is not always right about what follows.
    private var draft: FakeDraft?
    private var cells: [UInt64]
    private var lastSamples: [TokenID] = []
    private var lastNumber: UInt64?
    /// The step in which each slot was last written.
    private var writtenIn: [UInt64]

    struct Results {
        var samples: [TokenID] = []
        /// The draft model's guesses.
        var drafted: [TokenID] = []
        /// The logits of the positions whose prompt logprobs were wanted, entry after entry.
        var promptLogits: [[UInt64]] = []
    }

    init(model: FakeModel, limits: Limits, hasDraftModel: Bool = false) {
        self.model = model
        self.limits = limits
        draft = hasDraftModel ? FakeDraft(model: model, limits: limits) : nil
        // Memory is never clean.
        cells = (0..<limits.blockCount * limits.blockSize).map { mix(UInt64($0) ^ 0xDEAD) }
        writtenIn = Array(repeating: .max, count: cells.count)
    }

    mutating func run(_ batch: ScheduledBatch) throws -> Results {
        try check(batch)
        var results = Results()
        results.drafted = draft?.run(batch, lastSamples: lastSamples) ?? []
        try copyBlocks(batch.copies)
        var guesses = results.drafted[...]
        for entry in batch.entries { try write(entry, of: batch, &guesses) }
        for entry in batch.entries { try read(entry, of: batch, into: &results) }
        lastSamples = results.samples
        lastNumber = batch.number
        return results
    }

    private func check(_ batch: ScheduledBatch) throws {
        let bounds: [(String, Int, Int)] = [
            ("entries", batch.entries.count, limits.runningSequenceCount),
            ("rows", batch.samples.count, limits.runningSequenceCount),
            ("copies", batch.copies.count, limits.runningSequenceCount),
            ("tokens", batch.tokens.count, limits.batchedTokenCount),
            (
                "the longest run", batch.entries.map(\.scheduledTokenCount).max() ?? 0,
                limits.chunkTokenCount
            ),
            (
                "the longest context", batch.entries.map(\.contextLength).max() ?? 0,
                limits.modelLength - 1
            ),
            (
                "the longest table", batch.entries.map(\.blockTable.count).max() ?? 0,
                limits.blockTableCount
            ),
        ]
        for (what, count, limit) in bounds where count > limit {
            throw Failure("\(what): \(count), limit \(limit)")
        }
        guard batch.number == (lastNumber.map { $0 + 1 } ?? 0) else {
            throw Failure("batch \(batch.number) after \(lastNumber ?? 0)")
        }
        guard batch.entries.reduce(0, { $0 + $1.tokenRange.count }) == batch.tokens.count else {
            throw Failure("the entries' runs do not cover the \(batch.tokens.count) tokens")
        }
        for entry in batch.entries
        where entry.blockTable.count != limits.blockCount(forTokens: entry.contextLength) {
            throw Failure("\(entry.blockTable.count) blocks for \(entry.contextLength) tokens")
        }
        guard Set(batch.entries.map(\.sequence)).count == batch.entries.count else {
            throw Failure("a sequence is scheduled twice in one batch")
        }
    }

    /// All at once: whoever relies on an order between copies gets the wrong block.
    private mutating func copyBlocks(_ copies: [BlockCopy]) throws {
        let destinations = Set(copies.map(\.destination))
        guard destinations.count == copies.count,
            destinations.isDisjoint(with: copies.map(\.source))
        else { throw Failure("the copies depend on their order: \(copies)") }
        for copy in copies {
            for offset in 0..<limits.blockSize {
                cells[copy.destination.index * limits.blockSize + offset] =
                    cells[copy.source.index * limits.blockSize + offset]
            }
        }
    }

    private mutating func write(
        _ entry: ScheduledBatch.Entry,
        of batch: ScheduledBatch,
        _ guesses: inout ArraySlice<TokenID>
    ) throws {
        for (position, index) in zip(entry.positions, entry.tokenRange) {
            let token: TokenID
            switch batch.tokens[index] {
            case .known(let id): token = id
            case .sampled(let row): token = lastSamples[Int(row)]
            case .drafted: token = guesses.removeFirst()
            }
            let slot = entry.slot(of: position, blockSize: limits.blockSize)
            guard writtenIn[slot] != batch.number else {
                throw Failure("slot \(slot) is written twice in batch \(batch.number)")
            }
            writtenIn[slot] = batch.number
            let previous =
                position == 0
                ? 0 : cells[entry.slot(of: position - 1, blockSize: limits.blockSize)]
            cells[slot] = FakeModel.cell(after: previous, token: token)
        }
    }

    private func read(
        _ entry: ScheduledBatch.Entry,
        of batch: ScheduledBatch,
        into results: inout Results
    ) throws {
        var wanted: [UInt64] = []
        if !entry.sampleRows.isEmpty || !entry.promptLogprobPositions.isEmpty {
            var logits: UInt64 = 0
            var logitsOfRun: [UInt64] = []
            var position = 0
            for block in entry.blockTable {
                let start = block.index * limits.blockSize
                for slot in start..<start + min(limits.blockSize, entry.contextLength - position) {
                    logits = FakeModel.read(cells[slot], into: logits)
                    if entry.promptLogprobPositions.contains(position) { wanted.append(logits) }
                    if entry.positions.contains(position) { logitsOfRun.append(logits) }
                    position += 1
                }
            }
            // Where the caches of both models hold the same, so do the logits of guesses.
            if let draft, entry.draftTokenCount > 0 {
                let ours = logitsOfRun.suffix(entry.draftTokenCount + 1).dropLast()
                guard draft.logits[entry.sequence] == Array(ours) else {
                    throw Failure("\(entry.sequence): the draft model read something else")
                }
            }
            for sample in batch.samples[entry.sampleRows] {
                results.samples.append(
                    model.sample(
                        logitsOfRun[sample.tokenIndex - entry.tokenRange.lowerBound],
                        outputIndex: sample.outputIndex,
                        parameters: sample.parameters
                    )
                )
            }
        }
        results.promptLogits.append(wanted)
    }
}

/// What went wrong in a simulation.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
