/// The transitions of a sequence. Blocks are the scheduler's business: it changes `blockTable`.
extension TokenSequence {
    /// How many tokens the next step could compute.
    ///
    /// None if it will have reached its length when its pending token is known: such an end is
    /// foreseen, so nothing is computed in vain.
    var schedulableTokenCount: Int {
        if tokenCount >= lengthLimit || !drafts.isEmpty { return 0 }
        if pendingTokenCount > 0 && !allowsOverlap || isHeld { return 0 }
        return tokenCount - computedTokenCount
    }

    /// Whether the host looks at each of its tokens before the next is drawn.
    var isConstrained: Bool { allowedOutputCount != .max }

    /// Whether tokens are left to compute that a constraint appended.
    var hasForcedTokens: Bool { isConstrained && computedTokenCount >= promptTokenCount }

    /// Whether the host has yet to say what its next token may be.
    var isHeld: Bool { outputTokenCount >= allowedOutputCount }

    /// Schedules its next `count` tokens, and the sampling of what follows if these are all.
    /// - Parameter drafts: guesses of what follows, to be computed and sampled after as well; those
    ///   of a draft model are `unknownDraft`.
    mutating func schedule(
        _ count: Int,
        drafts: [TokenID] = [],
        index: Int,
        into batch: inout ScheduledBatch
    ) {
        let positions = computedTokenCount..<computedTokenCount + count
        precondition(
            count > 0 && positions.upperBound <= tokenCount && tokenCount < lengthLimit,
            "\(id): \(positions) scheduled of \(tokenCount) tokens, limit \(lengthLimit)"
        )
        let firstToken = batch.tokens.count
        appendSources(of: positions, to: &batch)
        let lagging = draftModelLag > 0 ? tokens[computedTokenCount - draftModelLag] : nil
        computedTokenCount += count

        let firstRow = batch.samples.count
        if computedTokenCount == tokenCount { appendSamples(index: index, to: &batch) }
        for draft in drafts {
            batch.tokens.append(draftCount == nil ? .known(draft) : .drafted)
            computedTokenCount += 1
            appendSample(of: id.choice, index: index, to: &batch)
            pendingTokenCount += 1
        }
        self.drafts = drafts
        draftModelLag = draftCount == nil || drafts.isEmpty ? 0 : 1
        batch.draftTokenCount += drafts.count

        let logprobPositions = promptLogprobPositions.clamped(to: positions)
        if !logprobPositions.isEmpty {
            promptLogprobPositions =
                logprobPositions.upperBound..<promptLogprobPositions.upperBound
        }
        batch.entries.append(
            ScheduledBatch.Entry(
                sequence: id,
                index: index,
                firstPosition: positions.lowerBound,
                tokenRange: firstToken..<batch.tokens.count,
                blockTable: blockTable,
                sampleRows: firstRow..<batch.samples.count,
                draftTokenCount: drafts.count,
                laggingToken: lagging,
                promptLogprobPositions: logprobPositions
            )
        )
    }

    private func appendSources(of positions: Range<Int>, to batch: inout ScheduledBatch) {
        let knownEnd = min(positions.upperBound, tokens.count)
        for position in positions.lowerBound..<knownEnd {
            batch.tokens.append(.known(tokens[position]))
        }
        guard knownEnd < positions.upperBound else { return }
        precondition(
            positions.upperBound - knownEnd == 1 && pendingBatch + 1 == batch.number,
            "\(id): \(positions) of \(tokens.count) known tokens scheduled in batch "
                + "\(batch.number); batch \(pendingBatch) samples the next"
        )
        batch.tokens.append(.sampled(row: pendingRow))
    }

    /// One row for this choice, one for each that parts from it here.
    private mutating func appendSamples(index: Int, to batch: inout ScheduledBatch) {
        pendingBatch = batch.number
        pendingRow = UInt32(batch.samples.count)
        appendSample(of: id.choice, index: index, to: &batch)
        for choice in unforkedChoices { appendSample(of: choice, index: index, to: &batch) }
        pendingTokenCount += 1
    }

    private func appendSample(of choice: Int, index: Int, to batch: inout ScheduledBatch) {
        batch.samples.append(
            ScheduledBatch.Sample(
                sequence: SequenceID(request: id.request, choice: choice),
                index: index,
                tokenIndex: batch.tokens.count - 1,
                outputIndex: outputTokenCount,
                parameters: sampling.forChoice(choice)
            )
        )
    }

    /// Another choice that goes on from here, its first token being sampled in `row`.
    func forked(choice: Int, row: Int) -> TokenSequence {
        var sequence = self
        sequence.id = SequenceID(request: id.request, choice: choice)
        sequence.unforkedChoices = []
        sequence.pendingRow = UInt32(row)
        return sequence
    }

    /// Fills the oldest pending token and says whether the sequence ends with it.
    mutating func accept(_ token: TokenID) -> FinishReason? {
        precondition(pendingTokenCount > 0, "\(id): no token is pending")
        pendingTokenCount -= 1
        return append(token)
    }

    /// Grows by a token and says whether it ends with it.
    mutating func append(_ token: TokenID) -> FinishReason? {
        tokens.append(token)
        judgeDraft(token)
        let outputCount = tokens.count - promptTokenCount
        if outputCount >= stopping.minTokens && stopping.stopTokens.contains(token) {
            return .stop(token)
        }
        return tokens.count == lengthLimit ? .length : nil
    }

    /// Whether it may start from cached blocks: not while the logits of their positions are wanted.
    var mayHitCache: Bool { promptLogprobPositions.isEmpty }

    /// Admitted, its first tokens computed already in the blocks of a cached prefix.
    mutating func start(with prefix: [BlockID], blockSize: Int) {
        status = .running
        blockTable = prefix
        computedTokenCount = prefix.count * blockSize
        registeredBlockCount = prefix.count
        draftModelLag = 0
        if cachedPromptTokenCount == nil { cachedPromptTokenCount = computedTokenCount }
    }

    /// Back to the start, all blocks gone; what was generated is kept and will be recomputed.
    mutating func restart() {
        status = .waiting
        computedTokenCount = 0
        draftModelLag = 0
        blockTable = []
        registeredBlockCount = 0
    }

    /// Ends the sequence and lets go of everything it holds.
    mutating func finish(_ reason: FinishReason) {
        status = .finished(reason)
        tokens = []
        blockTable = []
        blockHashes = []
        unforkedChoices = []
        pendingTokenCount = 0
        computedTokenCount = 0
        registeredBlockCount = 0
        draftModelLag = 0
        lookup = nil
    }

    /// Hashes its first `count` full blocks, as far as that was not done before.
    mutating func hashBlocks(upTo count: Int, blockSize: Int, with hasher: BlockHasher) {
        for index in blockHashes.count..<max(count, blockHashes.count) {
            let block = tokens[index * blockSize..<(index + 1) * blockSize]
            blockHashes.append(hasher.hash(block, after: blockHashes.last ?? rootHash))
        }
    }

    var isFinished: Bool {
        if case .finished = status { true } else { false }
    }
}
