import Scheduling

extension EngineLoop {
    /// Lets a choice of a constrained request go on.
    func allow(_ tokens: AllowedTokens, of ticket: Ticket) {
        guard let id = tickets[ticket] else { return }
        let sequence = SequenceID(request: id, choice: tokens.choice)
        if !tokens.forced.isEmpty { force(tokens.forced, on: sequence) }
        requests[id]?.allow(tokens, vocabularySize: backend.properties.vocabularySize)
        scheduler.allow(sequence, outputCount: tokens.outputIndex + 1)
    }

    /// Appends tokens about which a constraint leaves no choice, and delivers them.
    private func force(_ tokens: [TokenID], on sequence: SequenceID) {
        let (count, reason) = scheduler.append(forced: tokens, to: sequence)
        let now = ContinuousClock.now
        for token in tokens.prefix(count) {
            histories.append(token, to: sequence)
            let event = GenerationEvent.token(choice: sequence.choice, GeneratedToken(id: token))
            requests[sequence.request]?.events.yield(event)
            noteToken(of: sequence, at: now)
        }
        statistics.forcedTokenCount += count
        guard let reason else { return }
        requests[sequence.request]?.events.yield(.finished(choice: sequence.choice, reason))
        noteFinished(sequence, isStop: reason.isStop, at: now)
    }

    /// Waits a little for the readers of held sequences, so that these go on together: a step of
    /// half of them takes the device nearly as long as one of all.
    /// - Returns: whether to go on.
    func gatherHeld() -> Bool {
        let deadline = ContinuousClock.now + gatheringTime
        while scheduler.heldCount > 0 {
            let rest = deadline - .now
            guard rest > .zero else { return true }
            guard take(mailbox.drain(waiting: true, atMost: rest)) else { return false }
        }
        return true
    }

    /// A part of what a step takes, so that little is lost where a reader is slow.
    private var gatheringTime: Duration {
        let step = statistics.lastStep?.deviceSeconds ?? 0
        return .seconds(min(max(step / 8, 0.0005), 0.02))
    }
}
