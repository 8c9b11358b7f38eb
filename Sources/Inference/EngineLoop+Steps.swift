import Logging
import Models
import Scheduling
import ShaderParams
import Synchronization
import Vulkan

extension EngineLoop {
    /// Submits a batch.
    func start(_ batch: ScheduledBatch, scheduleTime: Duration) throws(VulkanError) {
        let drafts = draftPlan(of: batch)
        var step = StepBatch(batch, blockSize: options.model.blockSize, drafts: drafts)
        addAdapters(of: batch, to: &step)
        addEdits(of: batch, to: &step)
        let logprobs = addLogprobs(of: batch, to: &step)
        let pooled = addPooling(of: batch, to: &step)
        let pending = try backend.runner.start(step)
        inFlight.append(
            InFlight(
                batch: batch,
                pending: pending,
                scheduleTime: scheduleTime,
                logprobRows: logprobs.rows,
                promptLogprobs: logprobs.prompts,
                pooled: pooled,
                draftPlaces: drafts?.places ?? []
            )
        )
        noteScheduled(batch)
    }

    private func draftPlan(of batch: ScheduledBatch) -> DraftPlan? {
        guard options.draftModelPath != nil else { return nil }
        return DraftPlan(
            batch,
            blockSize: options.model.blockSize,
            firstRow: backend.runner.limits.sequenceCount
        )
    }

    /// Waits for the oldest step in flight, if there is one, and delivers what it brought.
    func completeOldest() throws(VulkanError) {
        guard let step = inFlight.first else { return }
        let sampled = try backend.runner.finish(step.pending)
        inFlight.removeFirst()
        noteTimes(of: step)
        if options.profiles { addKernelTimes(step.pending) }
        collectPromptLogprobs(step)
        collectPooled(step)
        let guesses = backend.runner.drafts(of: step.pending)
        let completed = scheduler.complete(
            step.batch,
            sampled: sampled,
            drafted: step.draftPlaces.map { guesses[$0] }
        )
        let now = ContinuousClock.now
        for output in completed.outputs { deliver(output, of: step, at: now) }
        statistics.stepCount += 1
        statistics.iterationTokens.observe(Double(step.batch.tokens.count))
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
            // Rules can leave nothing to draw.
            let error: EngineError = live.request.editsLogits ? .noTokenLeft : .invalidLogits
            live.events.yield(.failed(error))
            if error == .invalidLogits { statistics.corruptedCount += 1 }
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
            if live.request.pooling != nil { live.events.yield(.embedding(live.pool.mean)) }
        }
        var token = GeneratedToken(id: output.token)
        if let row = step.logprobRows[output.row], let count = live.request.logprobCount {
            token.logprobs = PositionLogprobs(
                backend.runner.logprobs(of: step.pending, row: row),
                topCount: count
            )
        }
        histories.append(output.token, to: output.sequence)
        live.events.yield(.token(choice: output.sequence.choice, token))
        noteToken(
            of: output.sequence,
            cachedCount: output.cachedPromptTokenCount,
            at: now
        )
        guard let reason = output.finishReason else { return }
        live.events.yield(.finished(choice: output.sequence.choice, reason))
        noteFinished(output.sequence, isStop: reason.isStop, at: now)
    }

    private func addKernelTimes(_ pending: PendingStep) {
        let timings = backend.runner.timings(of: pending)
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
        lastSpans = []
        scheduler.reset()
        do {
            backend = try EngineBackend(
                options.keeping(backend.properties),
                progress: { _ in }
            )
            restoreAdapters()
            mailbox.updateAdmission { $0.state = .ready }
            logger.notice("the device is back")
        } catch {
            logger.critical("the device cannot be rebuilt", metadata: ["error": "\(error)"])
            mailbox.updateAdmission { $0.state = .failed("\(error)") }
        }
    }
}
