import Logging
import Models
import Scheduling
import Vulkan

/// The engine thread's work: drain, schedule, run, complete, deliver; once per step.
///
/// A step is scheduled and recorded while the one before it runs: `inFlight` holds at most two.
final class EngineLoop {
    /// A step that has been submitted.
    struct InFlight {
        let batch: ScheduledBatch
        let pending: PendingStep
        /// What the host took to schedule it.
        let scheduleTime: Duration
        /// For each sample, where its logprobs stand, if they are wanted.
        let logprobRows: [Int?]
        let promptLogprobs: [Rows]
        /// Hidden states of requests that pool theirs.
        let pooled: [Rows]
        /// Where its guesses stand among those the draft model made.
        let draftPlaces: [Int]

        /// Where what a step brings for some of a request's prompt positions stands.
        struct Rows {
            let request: RequestID
            let rows: Range<Int>
        }
    }

    let options: EngineOptions
    let mailbox: Mailbox
    let logger: Logger
    let published: Engine.Published
    var backend: EngineBackend
    var scheduler: Scheduler
    var inFlight: [InFlight] = []
    var requests: [RequestID: LiveRequest] = [:]
    var tickets: [Ticket: RequestID] = [:]
    /// What the rules of a request must know of each of its choices.
    var histories = TokenHistories()
    /// Requests with rules for their logits.
    private(set) var ruledRequestCount = 0
    var adapters: AdapterShelf
    /// Changes of adapters that were asked for and not made yet.
    var adapterOrders: [AdapterOrder] = []
    var statistics: EngineStatistics
    var drain = DrainRate()
    /// When each device ran the step before; empty if the engine has slept since.
    var lastSpans: [DeviceSpan] = []
    var throughputLog = ThroughputLog()
    private let startTime = ContinuousClock.now
    private var isStopping = false
    /// Whether every sequence there is waits to be told what it may go on with.
    private var isHeld = false

    init(
        _ backend: EngineBackend,
        _ options: EngineOptions,
        mailbox: Mailbox,
        published: Engine.Published,
        logger: Logger,
        warming: (Double) -> Void = { _ in }
    ) throws {
        self.backend = backend
        self.options = options
        self.mailbox = mailbox
        self.published = published
        self.logger = logger
        adapters = AdapterShelf(limit: options.model.adapters?.count ?? 0)
        let runner = backend.runner
        var statistics = EngineStatistics(maxModelLength: runner.maxModelLength)
        scheduler = try Scheduler(
            limits: Limits(
                runningSequenceCount: options.model.sequenceCount,
                batchedTokenCount: runner.limits.tokenCount,
                modelLength: runner.maxModelLength,
                blockSize: options.model.blockSize,
                blockCount: runner.cache.blockCount,
                takesTurns: runner.layerSplit.count > 1,
                waitingRequestCount: options.waitingRequestCount,
                waitingPromptTokenCount: options.waitingPromptTokenCount
            ),
            policy: options.policy,
            cachesPrefixes: options.cachesPrefixes,
            drafting: options.drafting
        )
        statistics.budget = scheduler.limits
        self.statistics = statistics
        try backend.warmUp(limits: runner.limits, progress: warming)
        publish()
    }

    /// Runs until told to stop.
    func run() {
        while takeCommands() {
            do {
                try step()
            } catch {
                recover(from: error)
            }
            abortOverdue()
            publish()
        }
        failAll(.shutDown)
        refuseAdapterOrders()
        publish()
    }

    /// One step: the next batch starts, then the oldest in flight is completed.
    private func step() throws(VulkanError) {
        if adapters.limit > 0 { try changeAdapters() }
        let begin = ContinuousClock.now
        let batch = scheduler.schedule(at: (begin - startTime).seconds)
        let scheduleTime = ContinuousClock.now - begin
        notePreempted(batch)
        if !batch.isEmpty {
            try start(batch, scheduleTime: scheduleTime)
        }
        isHeld = batch.isEmpty && inFlight.isEmpty
        if inFlight.count == ModelRunner.depth || batch.isEmpty { try completeOldest() }
    }

    /// Takes what is in the mailbox; sleeps on it when there is nothing to do.
    /// - Returns: whether to go on.
    private func takeCommands() -> Bool {
        let isIdle = scheduler.isIdle && inFlight.isEmpty
        if isStopping && isIdle { return false }
        if isIdle { lastSpans = [] }
        // Held requests may have deadlines, so that sleep is short.
        let commands =
            isIdle
            ? mailbox.drain(waiting: true)
            : mailbox.drain(waiting: isHeld, atMost: .milliseconds(20))
        if isIdle { throughputLog.restart(statistics, at: .now) }
        guard take(commands) else { return false }
        isHeld = false
        guard !inFlight.isEmpty || gatherHeld() else { return false }
        return !(isStopping && scheduler.isIdle && inFlight.isEmpty)
    }

    /// Does what callers ask.
    /// - Returns: whether to go on.
    func take(_ commands: [EngineCommand]) -> Bool {
        for command in commands {
            switch command {
            case .generate(let submitted): add(submitted)
            case .abort(let ticket): abort(ticket)
            case .endChoice(let ticket, let choice): endChoice(choice, of: ticket)
            case .allow(let ticket, let tokens): allow(tokens, of: ticket)
            case .adapter(let order): adapterOrders.append(order)
            case .stop(let finishing):
                if !finishing { return false }
                isStopping = true
            }
        }
        return true
    }

    private func add(_ submitted: Submitted) {
        let live = LiveRequest(
            submitted,
            vocabularySize: backend.properties.vocabularySize
        )
        if let adapter = live.request.adapter, adapters.entry(adapter) == nil {
            live.events.yield(.failed(.adapterGone))
            live.events.finish()
            return
        }
        do throws(SchedulingError) {
            let id = try scheduler.add(live.sequenceRequest)
            requests[id] = live
            tickets[live.ticket] = id
            if live.request.editsLogits { ruledRequestCount += 1 }
            statistics.admittedCount += 1
            statistics.choiceCountParameter.observe(Double(live.request.choiceCount))
            statistics.maxTokensParameter.observe(Double(live.request.stopping.maxTokens))
        } catch {
            live.events.yield(.failed(.failed(error.description)))
            live.events.finish()
        }
    }

    private func abort(_ ticket: Ticket) {
        guard let id = tickets[ticket] else { return }
        scheduler.abort(id)
        end(id) { $0.finishedAbortCount += 1 }
    }

    /// Ends a choice whose reader has found a stop string in its text.
    private func endChoice(_ choice: Int, of ticket: Ticket) {
        guard let id = tickets[ticket] else { return }
        let sequence = SequenceID(request: id, choice: choice)
        guard scheduler.abort(sequence) else { return }
        noteFinished(sequence, isStop: true, at: .now)
    }

    /// Ends requests whose deadline has passed.
    private func abortOverdue() {
        let now = ContinuousClock.now
        for (id, live) in requests {
            guard let deadline = live.deadline, deadline <= now else { continue }
            scheduler.abort(id)
            live.events.yield(.failed(.deadlineExceeded))
            end(id) { $0.finishedAbortCount += 1 }
        }
    }

    /// Forgets a request and closes its stream.
    func end(_ id: RequestID, _ count: (inout EngineStatistics) -> Void) {
        guard let live = requests.removeValue(forKey: id) else { return }
        tickets[live.ticket] = nil
        if live.request.editsLogits {
            histories.end(id, choiceCount: live.request.choiceCount)
            ruledRequestCount -= 1
        }
        live.events.finish()
        count(&statistics)
        drain.requestEnded()
    }

    /// Ends every request with an error.
    func failAll(_ error: EngineError) {
        scheduler.abortAll()
        for id in Array(requests.keys) {
            requests[id]?.events.yield(.failed(error))
            end(id) { $0.finishedErrorCount += 1 }
        }
    }
}
