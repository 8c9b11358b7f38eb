import Scheduling

/// Drives a scheduler through a workload against the fake device, and compares every token with
/// what its request generates alone.
struct Simulation {
    private(set) var workload: Workload
    private var scheduler: Scheduler
    private var device: FakeDevice
    private var choices: [SequenceID: Choice] = [:]
    private var live: [SequenceID] = []
    private var inFlight: [(batch: ScheduledBatch, results: FakeDevice.Results)] = []
    private var promptLogits: [RequestID: [UInt64]] = [:]
    /// What must be in the next batch, for having been in the last one.
    private var mustAdvance: Set<SequenceID> = []
    /// Where sequences take turns: steps each has not been in since it last was.
    private var missedCounts: [SequenceID: Int] = [:]
    private var lastStarted: RequestID?
    private(set) var coverage = Coverage()

    /// What should be generated, and what was.
    private struct Choice {
        let prompt: [TokenID]
        var expected: [TokenID]
        var reason: FinishReason
        var count = 0
        var isOver = false
        var position = 0
    }

    /// How often the interesting things happened.
    struct Coverage {
        var requests = 0, refusals = 0, aborts = 0, steps = 0, tokens = 0, preemptions = 0
        var hitTokens = 0, copies = 0, discarded = 0, pending = 0, chunks = 0
        var turns = 0, stops = 0, lengths = 0, promptLogprobs = 0, drafts = 0, acceptedDrafts = 0
        /// Of these, those of draft models.
        var modelDrafts = 0, acceptedModelDrafts = 0

        static func += (left: inout Coverage, right: Coverage) {
            for path in all { left[keyPath: path] += right[keyPath: path] }
        }

        static var all: [WritableKeyPath<Coverage, Int>] {
            [
                \.requests, \.refusals, \.aborts, \.steps, \.tokens, \.preemptions, \.hitTokens,
                \.copies, \.discarded, \.pending, \.chunks, \.stops, \.lengths, \.promptLogprobs,
                \.drafts, \.turns, \.acceptedDrafts, \.modelDrafts, \.acceptedModelDrafts,
            ]
        }
    }

    init(seed: UInt64) throws {
        workload = Workload(seed: seed)
        scheduler = try Scheduler(
            limits: workload.limits,
            policy: workload.policy,
            cachesPrefixes: workload.cachesPrefixes,
            drafting: workload.drafting
        )
        device = FakeDevice(
            model: workload.model,
            limits: workload.limits,
            hasDraftModel: workload.drafting?.usesModel == true
        )
    }

    /// Runs until `requestCount` requests have come and gone.
    mutating func run(requestCount: Int) throws {
        var idleSteps = 0
        while coverage.requests < requestCount || !live.isEmpty || !inFlight.isEmpty {
            if coverage.requests < requestCount, workload.oneIn(workload.arrivalPeriod) {
                for _ in 0..<workload.number(in: 1..<4) { try add() }
            }
            if workload.oneIn(workload.abortPeriod) { try abort() }
            let progress = (coverage.tokens, coverage.steps)
            try step()
            let isStill = progress == (coverage.tokens, coverage.steps)
            idleSteps = isStill && !live.isEmpty ? idleSteps + 1 : 0
            if idleSteps > 200 { throw Failure("nothing moves any more: \(scheduler.statistics)") }
        }
        try checkTheEnd()
    }

    private mutating func add() throws {
        let request = workload.request()
        let limits = workload.limits
        coverage.requests += 1
        let outputs = min(
            request.stopping.maxTokens,
            limits.modelLength - request.promptTokens.count
        )
        let blocks = limits.blockCount(forTokens: request.promptTokens.count + outputs - 1)
        let fits =
            outputs > 0 && blocks <= limits.blockCount
            && request.choiceCount <= limits.runningSequenceCount
        let id: RequestID
        do {
            id = try scheduler.add(request)
        } catch {
            if fits { throw Failure("\(error)") }
            coverage.refusals += 1
            return
        }
        guard fits else { throw Failure("a request was taken that can never run: \(request)") }
        for choice in 0..<request.choiceCount {
            let (tokens, reason) = workload.model.generate(
                request,
                choice: choice,
                modelLength: limits.modelLength
            )
            let sequence = SequenceID(request: id, choice: choice)
            live.append(sequence)
            choices[sequence] = Choice(
                prompt: request.promptTokens,
                expected: tokens,
                reason: reason,
                position: live.count - 1
            )
        }
        if request.wantsPromptLogprobs {
            promptLogits[id] = workload.model.logits(of: request.promptTokens).dropLast()
        }
        try scheduler.checkInvariants()
    }

    private mutating func abort() throws {
        guard !live.isEmpty else { return }
        let victim = live[workload.number(in: 0..<live.count)]
        if workload.oneIn(40) {
            try abortAll()
        } else if workload.oneIn(2) {
            guard scheduler.abort(victim) else { throw Failure("\(victim) was not there") }
            over(victim)
        } else {
            let aborted = scheduler.abort(victim.request)
            let expected = live.filter { $0.request == victim.request }
            guard Set(aborted) == Set(expected), aborted.count == expected.count else {
                throw Failure("abort of \(victim.request): \(aborted), not \(expected)")
            }
            for sequence in aborted { over(sequence) }
        }
        coverage.aborts += 1
        guard !scheduler.abort(victim) else { throw Failure("\(victim) was aborted twice") }
        try scheduler.checkInvariants()
    }

    private mutating func abortAll() throws {
        let aborted = workload.oneIn(2) ? scheduler.abortAll() : scheduler.reset()
        if scheduler.inFlightCount == 0 {
            // After a reset the batches in flight are forgotten; the device has run them.
            inFlight = []
        }
        guard Set(aborted) == Set(live), aborted.count == live.count else {
            throw Failure("abort of all: \(aborted), not \(live)")
        }
        for sequence in aborted { over(sequence) }
        guard scheduler.isIdle else { throw Failure("not idle after the abort of all") }
    }

    /// Takes a sequence out of `live`.
    private mutating func over(_ sequence: SequenceID) {
        guard let position = choices[sequence]?.position, let last = live.popLast() else { return }
        if last != sequence {
            live[position] = last
            choices[last]?.position = position
        }
        choices[sequence] = nil
        mustAdvance.remove(sequence)
    }

    private mutating func step() throws {
        let depth = workload.depth ?? workload.number(in: 0..<2)
        while inFlight.count > depth { try complete() }
        let batch = scheduler.schedule()
        try scheduler.checkInvariants()
        coverage.preemptions += batch.preempted.count
        mustAdvance.subtract(batch.preempted)
        if batch.isEmpty {
            if inFlight.isEmpty, !live.isEmpty {
                throw Failure("nothing is scheduled and nothing in flight: \(scheduler.statistics)")
            }
            if !inFlight.isEmpty { try complete() }
            return
        }
        try observe(batch)
        inFlight.append((batch, try device.run(batch)))
    }

    private mutating func observe(_ batch: ScheduledBatch) throws {
        coverage.steps += 1
        coverage.copies += batch.copies.count
        coverage.chunks += batch.entries.count { $0.sampleRows.isEmpty }
        coverage.pending += batch.tokens.count {
            if case .sampled = $0 { true } else { false }
        }
        // What ran in the last step runs in this one, unless it ended or was preempted.
        let scheduled = Set(batch.entries.map(\.sequence))
        if workload.limits.takesTurns {
            try observeTurns(scheduled)
        } else if inFlight.isEmpty {
            let left = mustAdvance.subtracting(scheduled)
            guard left.isEmpty else { throw Failure("\(left) did not advance") }
        }
        mustAdvance = scheduled.union(batch.samples.map(\.sequence))
        // First come, first served.
        guard workload.policy == .fcfs else { return }
        for entry in batch.entries
        where entry.sequence.request > lastStarted ?? entry.sequence.request {
            lastStarted = entry.sequence.request
        }
        guard let lastStarted else { return }
        for sequence in live where sequence.request < lastStarted {
            if let state = scheduler[sequence], state.cachedPromptTokenCount == nil {
                throw Failure("\(sequence) was overtaken by \(lastStarted)")
            }
        }
    }

    /// Nobody waits for long for a turn.
    private mutating func observeTurns(_ scheduled: Set<SequenceID>) throws {
        for sequence in live where scheduler[sequence]?.status == .running {
            let count = scheduled.contains(sequence) ? 0 : missedCounts[sequence, default: 0] + 1
            guard count <= 3 else { throw Failure("\(sequence) is not in \(count) steps") }
            missedCounts[sequence] = count
        }
        coverage.turns += 1
    }

    private mutating func complete() throws {
        let (batch, results) = inFlight.removeFirst()
        let completed = scheduler.complete(
            batch,
            sampled: results.samples,
            drafted: results.drafted
        )
        try scheduler.checkInvariants()
        coverage.discarded += completed.discardedSampleCount
        try checkPromptLogits(of: batch, results)
        for output in completed.outputs { try check(output) }
    }

    private mutating func check(_ output: CompletedBatch.Output) throws {
        let sequence = output.sequence
        guard var choice = choices[sequence] else { throw Failure("\(sequence) is over") }
        guard output.outputIndex == choice.count, choice.count < choice.expected.count,
            output.token == choice.expected[choice.count]
        else {
            throw Failure(
                "\(sequence): token \(output.outputIndex) is \(output.token), after "
                    + "\(choice.count) of \(choice.expected)"
            )
        }
        coverage.tokens += 1
        choice.count += 1
        let isLast = choice.count == choice.expected.count
        guard output.finishReason == (isLast ? choice.reason : nil) else {
            throw Failure("\(sequence): \(output.finishReason as Any) after \(choice.count) tokens")
        }
        choices[sequence] = choice
        guard isLast else { return }
        workload.remember(choice.prompt + choice.expected)
        if choice.reason == .length { coverage.lengths += 1 } else { coverage.stops += 1 }
        over(sequence)
    }

    /// The wanted logits come in order, once each, and right.
    private mutating func checkPromptLogits(
        of batch: ScheduledBatch,
        _ results: FakeDevice.Results
    ) throws {
        for (entry, logits) in zip(batch.entries, results.promptLogits) where !logits.isEmpty {
            let request = entry.sequence.request
            guard let expected = promptLogits[request], expected.starts(with: logits) else {
                throw Failure("\(request): wrong prompt logits at \(entry.promptLogprobPositions)")
            }
            coverage.promptLogprobs += logits.count
            promptLogits[request] = Array(expected.dropFirst(logits.count))
        }
        for sample in batch.samples where promptLogits[sample.sequence.request]?.isEmpty == false {
            throw Failure("\(sample.sequence) samples before its prompt logits are complete")
        }
    }

    private mutating func checkTheEnd() throws {
        let end = scheduler.statistics
        guard scheduler.isIdle, end.usedBlockCount == 0, end.waitingPromptTokenCount == 0,
            end.freeBlockCount + end.cachedBlockCount == end.blockCount,
            workload.cachesPrefixes || end.cachedBlockCount == 0
        else { throw Failure("something is left over: \(end)") }
        coverage.hitTokens = end.prefixHitTokenCount
        coverage.drafts = end.drafts.draftTokenCount
        coverage.acceptedDrafts = end.drafts.acceptedTokenCount
        if workload.drafting?.usesModel == true {
            coverage.modelDrafts = coverage.drafts
            coverage.acceptedModelDrafts = coverage.acceptedDrafts
        }
        guard end.prefixHitTokenCount <= end.prefixQueryTokenCount,
            end.preemptionCount == coverage.preemptions
        else { throw Failure("the counters are wrong: \(end)") }
    }
}
