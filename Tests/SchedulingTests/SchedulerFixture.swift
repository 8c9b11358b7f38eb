import Scheduling

extension Limits {
    /// Room for everything, unless said otherwise; blocks of 4 tokens.
    static func tiny(
        running: Int = 8,
        batched: Int = 64,
        chunk: Int? = nil,
        modelLength: Int = 64,
        blocks: Int = 32,
        watermark: Int = 0
    ) -> Limits {
        Limits(
            runningSequenceCount: running,
            batchedTokenCount: batched,
            chunkTokenCount: chunk,
            modelLength: modelLength,
            blockSize: 4,
            blockCount: blocks,
            watermarkBlockCount: watermark
        )
    }
}

extension SequenceRequest {
    /// A prompt of `count` tokens, different for different `first`.
    static func prompt(
        _ count: Int,
        from first: TokenID = 100,
        maxTokens: Int = 8,
        choices: Int = 1,
        priority: Int = 0,
        salt: String? = nil
    ) -> SequenceRequest {
        SequenceRequest(
            promptTokens: (0..<TokenID(count)).map { first + $0 },
            sampling: .greedy,
            stopping: StopConditions(maxTokens: maxTokens),
            choiceCount: choices,
            priority: priority,
            cacheSalt: salt
        )
    }
}

extension Scheduler {
    /// Completes a batch, all of whose rows sampled `token`, as a draft model guessed.
    mutating func complete(_ batch: ScheduledBatch, allSampled token: TokenID) -> CompletedBatch {
        complete(
            batch,
            sampled: batch.samples.map { _ in token },
            drafted: batch.tokens.filter { $0 == .drafted }.map { _ in token }
        )
    }

    /// Schedules and completes one step, all of whose rows sample `token`.
    @discardableResult
    mutating func step(sampling token: TokenID = 7) throws -> (ScheduledBatch, CompletedBatch) {
        let batch = schedule()
        try checkInvariants()
        guard !batch.isEmpty else { return (batch, CompletedBatch.none) }
        let completed = complete(batch, allSampled: token)
        try checkInvariants()
        return (batch, completed)
    }

    /// Choice 0 of a request, as long as it lives.
    subscript(request: RequestID) -> TokenSequence? {
        self[SequenceID(request: request, choice: 0)]
    }
}

extension CompletedBatch {
    /// What completing nothing brings.
    static let none: CompletedBatch = CompletedBatch()
}

extension ScheduledBatch {
    /// The requests of the entries, in order.
    var requests: [RequestID] { entries.map(\.sequence.request) }

    /// How many tokens of each entry are computed.
    var counts: [Int] { entries.map(\.scheduledTokenCount) }
}
