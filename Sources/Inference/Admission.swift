/// Bounds on the queue.
package struct AdmissionLimits: Sendable {
    var waitingRequestCount: Int
    var waitingPromptTokenCount: Int
    /// Sequences that may run at once.
    var runningSequenceCount: Int

    package init(
        waitingRequestCount: Int = 256,
        waitingPromptTokenCount: Int = 1 << 20,
        runningSequenceCount: Int = 64
    ) {
        self.waitingRequestCount = waitingRequestCount
        self.waitingPromptTokenCount = waitingPromptTokenCount
        self.runningSequenceCount = runningSequenceCount
    }
}

/// Whether one more request may queue: a pure value, kept up to date by the engine thread.
package struct Admission: Sendable {
    var limits = AdmissionLimits()
    package var state: EngineState = .loading(progress: 0)
    /// As of the engine's last step, and what has arrived since.
    private(set) var runningCount = 0
    private(set) var waitingCount = 0
    private(set) var waitingTokenCount = 0
    /// Whether the last step left some waiting: then no newcomer starts at once.
    private var heldBack = false
    /// Requests the engine ends per second, as observed; 0 before any ended.
    package var drainRate = 0.0
    /// In the mailbox.
    private(set) var postedCount = 0
    private(set) var postedTokenCount = 0
    package private(set) var rejectedQueueFullCount = 0
    private(set) var rejectedTokenBacklogCount = 0

    package init(limits: AdmissionLimits = AdmissionLimits()) {
        self.limits = limits
    }

    /// Counts a request in.
    /// - Throws: `unavailable`, `queueFull` or `tokenBacklog`, with when to try again.
    package mutating func admit(promptTokenCount: Int) throws(AdmissionError) {
        guard case .ready = state else { throw .unavailable(state) }
        let queued = waitingCount + postedCount
        // Requests that would start at once do not wait.
        let startable = heldBack ? 0 : max(0, limits.runningSequenceCount - runningCount)
        guard queued < limits.waitingRequestCount + startable else {
            rejectedQueueFullCount += 1
            throw .queueFull(
                waiting: queued,
                limit: limits.waitingRequestCount,
                retryAfter: retryAfter(queued)
            )
        }
        let tokens = waitingTokenCount + postedTokenCount
        // One request may always queue, however long: admission elsewhere bounds its length.
        guard queued == 0 || tokens + promptTokenCount <= limits.waitingPromptTokenCount else {
            rejectedTokenBacklogCount += 1
            throw .tokenBacklog(
                tokens: tokens,
                limit: limits.waitingPromptTokenCount,
                retryAfter: retryAfter(queued)
            )
        }
        postedCount += 1
        postedTokenCount += promptTokenCount
    }

    /// A posted request has reached the engine thread, which queues it.
    package mutating func arrived(promptTokenCount: Int) {
        postedCount -= 1
        postedTokenCount -= promptTokenCount
        waitingCount += 1
        waitingTokenCount += promptTokenCount
    }

    /// A step has begun: what runs, and what it left waiting.
    package mutating func stepped(running: Int, waiting: Int, waitingTokens: Int) {
        runningCount = running
        waitingCount = waiting
        waitingTokenCount = waitingTokens
        heldBack = waiting > 0
    }

    /// Seconds until a place should be free: the time to drain the queue's surplus, 1 to 120.
    private func retryAfter(_ queued: Int) -> Int {
        guard drainRate > 0 else { return 1 }
        let surplus = Double(max(1, queued - limits.waitingRequestCount + 1))
        return Int(min(120, max(1, (surplus / drainRate).rounded(.up))))
    }
}
