import Logging
import Models
import Scheduling
import ShaderParams
import Synchronization
import Vulkan

extension EngineLoop {
    /// Submits a batch.
    func start(_ batch: ScheduledBatch, scheduleTime: Duration) throws(VulkanError) {
        let step = StepBatch(batch, blockSize: options.model.blockSize)
        var rows: [Int] = []
        let hostLogits = batch.samples.indices.map { index -> Int? in
            let request = batch.samples[index].sequence.request
            guard requests[request]?.request.logprobCount != nil else { return nil }
            let row = Int(step.samples[index].logitsRow)
            if rows.last != row { rows.append(row) }
            return rows.count - 1
        }
        let pending = try backend.runner.start(step, hostLogitsRows: rows)
        inFlight.append(
            InFlight(
                batch: batch,
                pending: pending,
                scheduleTime: scheduleTime,
                hostLogits: hostLogits
            )
        )
        noteScheduled(batch)
    }

    /// Waits for the oldest step in flight, if there is one, and delivers what it brought.
    func completeOldest() throws(VulkanError) {
        guard let step = inFlight.first else { return }
        let sampled = try backend.runner.finish(step.pending)
        inFlight.removeFirst()
        try noteTimes(of: step)
        if options.profiles { try addKernelTimes(step.pending) }
        try collectPromptLogprobs(step)
        let completed = scheduler.complete(step.batch, sampled: sampled)
        let now = ContinuousClock.now
        for output in completed.outputs { deliver(output, of: step, at: now) }
        statistics.stepCount += 1
        statistics.iterationTokens.observe(Double(step.batch.tokens.count))
    }

    func completeAll() throws(VulkanError) {
        while !inFlight.isEmpty { try completeOldest() }
    }

    private func deliver(
        _ output: CompletedBatch.Output,
        of step: InFlight,
        at now: ContinuousClock.Instant
    ) {
        let id = output.sequence.request
        guard let live = requests[id] else { return }
        guard Int(output.token) < backend.properties.vocabularySize else {
            scheduler.abort(id)
            live.events.yield(.failed(.invalidLogits))
            end(id) { $0.finishedErrorCount += 1 }
            return
        }
        if live.firstToken == nil {
            live.events.yield(
                .prompt(
                    cachedTokenCount: output.cachedPromptTokenCount,
                    logprobs: live.promptLogprobs
                )
            )
        }
        var token = GeneratedToken(id: output.token)
        if let row = step.hostLogits[output.row], let count = live.request.logprobCount {
            token.logprobs = PositionLogprobs(
                logits: backend.runner.logits(of: step.pending, row: row),
                chosen: output.token,
                topCount: count
            )
        }
        live.events.yield(.token(choice: output.sequence.choice, token))
        noteToken(output, at: now)
        guard let reason = output.finishReason else { return }
        live.events.yield(.finished(choice: output.sequence.choice, reason))
        noteFinished(output.sequence, isStop: reason.isStop, at: now)
    }

    /// Computes the logprobs of the prompt positions a step computed, for who asked for them.
    private func collectPromptLogprobs(_ step: InFlight) throws(VulkanError) {
        for entry in step.batch.entries where !entry.promptLogprobPositions.isEmpty {
            let id = entry.sequence.request
            guard let live = requests[id], let count = live.request.promptLogprobCount else {
                continue
            }
            let positions = Array(entry.promptLogprobPositions)
            let tokens = positions.map { entry.tokenRange.lowerBound + $0 - entry.firstPosition }
            var found: [PositionLogprobs] = []
            try backend.runner.withLogits(ofTokens: tokens, of: step.pending) { index, logits in
                found.append(
                    PositionLogprobs(
                        logits: logits,
                        chosen: live.request.promptTokens[positions[index] + 1],
                        topCount: count
                    )
                )
            }
            requests[id]?.promptLogprobs += found
        }
    }

    private func addKernelTimes(_ pending: PendingStep) throws(VulkanError) {
        let timings = try backend.runner.timings(of: pending)
        published.kernelTimes.withLock { times in
            for timing in timings {
                times[timing.name, default: KernelTime()].dispatchCount += 1
                times[timing.name, default: KernelTime()].nanoseconds += timing.durationNanoseconds
            }
        }
    }

    /// The device failed: running requests get an error, the device is opened and the model loaded
    /// again, and the engine goes on; if that fails too, the engine is done.
    func recover(from error: VulkanError) {
        logger.error("the device failed; rebuilding", metadata: ["error": "\(error)"])
        mailbox.updateAdmission { $0.state = .loading(progress: 0) }
        failAll(.deviceLost("\(error)"))
        inFlight.removeAll()
        lastSpan = nil
        scheduler.reset()
        do {
            backend = try EngineBackend(
                options.keeping(backend.properties),
                progress: { _ in }
            )
            mailbox.updateAdmission { $0.state = .ready }
            logger.notice("the device is back")
        } catch {
            logger.critical("the device cannot be rebuilt", metadata: ["error": "\(error)"])
            mailbox.updateAdmission { $0.state = .failed("\(error)") }
        }
    }
}
