import Inference
import Testing

/// The bounds on the queue, with no engine behind them.
struct AdmissionTests {
    private func ready(waiting: Int = 3, tokens: Int = 1 << 20, running: Int = 2) -> Admission {
        var admission = Admission(
            limits: AdmissionLimits(
                waitingRequestCount: waiting,
                waitingPromptTokenCount: tokens,
                runningSequenceCount: running
            )
        )
        admission.state = .ready
        return admission
    }

    /// How many of 20 requests are taken, of which `arriving` reach the engine before its step.
    private func taken(by admission: inout Admission, arriving: Int) -> Int {
        var count = 0
        for _ in 0..<20 {
            guard (try? admission.admit(promptTokenCount: 10)) != nil else { continue }
            count += 1
            if count <= arriving { admission.arrived(promptTokenCount: 10) }
        }
        return count
    }

    @Test(arguments: 0...5) func anIdleEngineTakesWhatRunsAndWhatWaits(arriving: Int) {
        var admission = ready()
        #expect(taken(by: &admission, arriving: arriving) == 5)
        #expect(admission.rejectedQueueFullCount == 15)
    }

    @Test func aFullEngineTakesWhatWaits() {
        var admission = ready()
        admission.stepped(running: 2, waiting: 0, waitingTokens: 0)
        #expect(taken(by: &admission, arriving: 2) == 3)
    }

    @Test func freePlacesDoNotCountWhileMemoryHoldsRequestsBack() {
        var admission = ready()
        admission.stepped(running: 1, waiting: 1, waitingTokens: 10)
        #expect(taken(by: &admission, arriving: 0) == 2)
    }

    @Test func aBacklogOfTokensTurnsAwayAllButTheFirst() {
        var admission = ready(waiting: 100, tokens: 100)
        admission.stepped(running: 2, waiting: 0, waitingTokens: 0)
        #expect(throws: Never.self) { try admission.admit(promptTokenCount: 500) }
        #expect(
            throws: AdmissionError.tokenBacklog(tokens: 500, limit: 100, retryAfter: 1)
        ) { try admission.admit(promptTokenCount: 1) }
    }

    @Test func retryAfterIsTheTimeToDrainTheSurplus() {
        var admission = ready()
        admission.stepped(running: 2, waiting: 12, waitingTokens: 120)
        admission.drainRate = 2
        #expect(
            throws: AdmissionError.queueFull(waiting: 12, limit: 3, retryAfter: 5)
        ) { try admission.admit(promptTokenCount: 1) }
    }
}
