import Logging
import Models
import Scheduling
import Synchronization
import Vulkan

extension EngineLoop {
    /// Notes whose sequences gave up their blocks.
    func notePreempted(_ batch: ScheduledBatch) {
        for sequence in batch.preempted { requests[sequence.request]?.preemptionCount += 1 }
    }

    /// Notes when requests first got some of their tokens computed.
    func noteScheduled(_ batch: ScheduledBatch) {
        let now = ContinuousClock.now
        for entry in batch.entries {
            let id = entry.sequence.request
            guard let live = requests[id], live.firstScheduled == nil else { continue }
            requests[id]?.firstScheduled = now
            statistics.queueTime.observe((now - live.arrival).seconds)
        }
    }

    /// Notes how long the host and the devices worked on a step, and how long each device had
    /// nothing to do before.
    func noteTimes(of step: InFlight) {
        let spans = backend.runner.spans(of: step.pending)
        let deviceSeconds = spans.isEmpty ? nil : spans.reduce(0) { $0 + $1.seconds }
        statistics.lastStep = StepTiming(
            tokenCount: step.batch.tokens.count,
            sequenceCount: step.batch.entries.count,
            scheduleSeconds: step.scheduleTime.seconds,
            deviceSeconds: deviceSeconds
        )
        statistics.stepScheduleTime.observe(step.scheduleTime.seconds)
        guard let deviceSeconds else { return }
        statistics.stepDeviceTime.observe(deviceSeconds)
        statistics.deviceBusySeconds += deviceSeconds
        for (span, last) in zip(spans, lastSpans) {
            statistics.deviceIdleSeconds += span.idleSeconds(after: last)
        }
        lastSpans = spans
    }

    /// Notes a sequence's new token.
    /// - Parameter cachedCount: its prompt's tokens that were in the prefix cache; counted with its
    ///   first token, which is never a forced one.
    func noteToken(
        of sequence: SequenceID,
        cachedCount: Int = 0,
        at now: ContinuousClock.Instant
    ) {
        let id = sequence.request
        let choice = sequence.choice
        guard var live = requests[id] else { return }
        statistics.generatedTokenCount += 1
        if live.firstToken == nil {
            live.firstToken = now
            statistics.timeToFirstToken.observe((now - live.arrival).seconds)
            statistics.prefillTime.observe((now - (live.firstScheduled ?? now)).seconds)
            let count = live.request.promptTokens.count
            statistics.promptTokenCount += count
            statistics.cachedPromptTokenCount += cachedCount
            statistics.promptLength.observe(Double(count))
            statistics.computedPromptLength.observe(Double(count - cachedCount))
        }
        if let last = live.lastToken[choice] {
            statistics.interTokenLatency.observe((now - last).seconds)
        }
        live.lastToken[choice] = now
        live.generatedCounts[choice, default: 0] += 1
        requests[id] = live
    }

    /// Notes the end of a choice, and of its request if it was the last.
    func noteFinished(
        _ sequence: SequenceID,
        isStop: Bool,
        at now: ContinuousClock.Instant
    ) {
        guard var live = requests[sequence.request] else { return }
        let count = live.generatedCounts[sequence.choice] ?? 0
        statistics.generationLength.observe(Double(count))
        live.unfinishedChoiceCount -= 1
        requests[sequence.request] = live
        guard live.unfinishedChoiceCount == 0 else { return }
        let firstToken = live.firstToken ?? now
        let decode = (now - firstToken).seconds
        statistics.endToEndLatency.observe((now - live.arrival).seconds)
        statistics.inferenceTime.observe((now - (live.firstScheduled ?? now)).seconds)
        statistics.decodeTime.observe(decode)
        statistics.preemptionsOfRequest.observe(Double(live.preemptionCount))
        statistics.longestChoiceLength.observe(Double(live.generatedCounts.values.max() ?? 0))
        if count > 1 { statistics.timePerOutputToken.observe(decode / Double(count - 1)) }
        end(sequence.request) {
            if isStop {
                $0.finishedStopCount += 1
            } else {
                $0.finishedLengthCount += 1
            }
        }
    }

    private func noteResidency() {
        let events = scheduler.takeResidencyEvents()
        for eviction in events.evictions {
            statistics.blockLifetime.observe(eviction.lifetime)
            statistics.blockIdleTime.observe(eviction.idle)
        }
        for gap in events.reuseGaps { statistics.blockReuseGap.observe(gap) }
    }

    /// Shows the engine's state to others, as of this step.
    func publish() {
        let scheduled = scheduler.statistics
        statistics.runningCount = scheduled.runningCount
        statistics.waitingCount = scheduled.waitingCount
        statistics.waitingTokenCount = scheduled.waitingPromptTokenCount
        statistics.blockCount = scheduled.blockCount
        statistics.freeBlockCount = scheduled.freeBlockCount
        statistics.cachedBlockCount = scheduled.cachedBlockCount
        statistics.usedBlockCount = scheduled.usedBlockCount
        statistics.wasteRatio = scheduled.wasteRatio
        statistics.running = scheduler.usage
        statistics.preemptionCount = scheduled.preemptionCount
        statistics.prefixCacheQueryTokenCount = scheduled.prefixQueryTokenCount
        statistics.prefixCacheHitTokenCount = scheduled.prefixHitTokenCount
        if scheduler.drafting != nil { statistics.drafts = scheduled.drafts }
        noteResidency()
        statistics.adapters = adapterStatistics()
        let rate = drain.perSecond
        mailbox.updateAdmission {
            $0.stepped(
                running: scheduled.runningCount,
                waiting: scheduled.waitingCount,
                waitingTokens: scheduled.waitingPromptTokenCount
            )
            $0.drainRate = rate
        }
        if let line = throughputLog.line(statistics, at: .now) { logger.info("\(line)") }
        let snapshot = statistics
        published.statistics.withLock { $0 = snapshot }
    }
}

/// How many requests end per second, over the last ones that did.
struct DrainRate {
    private var ends: [ContinuousClock.Instant] = []

    mutating func requestEnded(at now: ContinuousClock.Instant = .now) {
        ends.append(now)
        if ends.count > 32 { ends.removeFirst() }
    }

    /// 0 before two requests have ended.
    var perSecond: Double {
        guard let first = ends.first, let last = ends.last, ends.count > 1 else { return 0 }
        let seconds = max(0.001, (last - first).seconds)
        return Double(ends.count - 1) / seconds
    }
}

extension FinishReason {
    /// Whether the choice said all it wanted to.
    var isStop: Bool {
        if case .stop = self { true } else { false }
    }
}
